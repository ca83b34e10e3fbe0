using System.CommandLine.Parsing;

namespace MlOps.Edge.Words;

/// <summary>What is wrong with a command line, in one line and without the names of .NET types.</summary>
internal static class ParseFault
{
    // The library lists choices one to a line.
    private static readonly char[] Blank = [' ', '\t', '\r', '\n'];

    public static string Explain(ParseError error) => Typed(error.SymbolResult) is var (name, type, text) && error.Message.Contains(" expected type ", StringComparison.Ordinal)
        ? $"{name} is '{text}'; it must be {ExpectedValue.Of(type.ToString())}."
        : string.Join(' ', error.Message.Split(Blank, StringSplitOptions.RemoveEmptyEntries));

    private static (string Name, Type Type, string Text)? Typed(SymbolResult? value) => value switch
    {
        OptionResult { Tokens: [var token, ..] } option => (option.Option.Name, option.Option.ValueType, token.Value),
        ArgumentResult { Tokens: [_, ..], Parent: OptionResult option } => Typed(option),
        ArgumentResult { Tokens: [var token, ..] } argument => ($"<{argument.Argument.Name}>", argument.Argument.ValueType, token.Value),
        _ => null,
    };
}
