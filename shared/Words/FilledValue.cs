using System.CommandLine;
using System.CommandLine.Parsing;

namespace MlOps.Edge.Words;

/// <summary>Refuses the empty string: what a script's unset variable leaves must not become a default or the working folder.</summary>
internal static class FilledValue
{
    public static Option<T> Filled<T>(this Option<T> option)
    {
        option.Validators.Add(result => Check(result, option.Name, option.Required ? "give it a value" : "give it a value, or leave it out"));
        return option;
    }

    public static Argument<T> Filled<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => Check(result, $"<{argument.Name}>", "give it a value"));
        return argument;
    }

    private static void Check(SymbolResult result, string name, string wayOut)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{name} is empty; {wayOut}.");
        }
    }
}
