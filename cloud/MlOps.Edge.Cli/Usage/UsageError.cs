using System.CommandLine;
using MlOps.Edge.Words;

namespace MlOps.Edge.Cli.Usage;

/// <summary>One line for a command line that cannot be understood: what is wrong, what was probably meant, where to look.</summary>
internal static class UsageError
{
    public static string Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(command);
        var choices = command.Subcommands.Select(c => c.Name).ToArray();
        var unknown = parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;
        var problem = unknown switch
        {
            null when choices.Length > 0 => $"'{path}' needs one of: {string.Join(", ", choices)}.",
            null => ParseFault.Explain(parsed.Errors[0]),
            ['-', ..] => $"'{path}' has no option '{unknown}'." + Suggest(unknown, [.. OptionNames(command)]),
            _ when choices.Length > 0 => $"'{path}' has no '{unknown}'." + (Suggest(unknown, choices) is { Length: > 0 } meant ? meant : $" It has: {string.Join(", ", choices)}."),
            _ => $"'{path}' does not take '{unknown}'.",
        };
        return $"{problem} See '{path} --help'.";
    }

    private static string Suggest(string unknown, string[] known)
    {
        var nearest = known.Select(k => (Name: k, Distance: Distance(unknown, k))).OrderBy(k => k.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(2, unknown.Length / 3) ? $" Did you mean '{nearest.Name}'?" : "";
    }

    private static string Path(Command command)
    {
        var names = new List<string>();
        for (Symbol? symbol = command; symbol is Command; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Insert(0, symbol is RootCommand ? "mlops" : symbol.Name);
        }

        return string.Join(' ', names);
    }

    private static IEnumerable<string> OptionNames(Command command)
    {
        for (Symbol? symbol = command; symbol is Command c; symbol = symbol.Parents.FirstOrDefault())
        {
            foreach (var option in c.Options.Where(o => c == command || o.Recursive))
            {
                yield return option.Name;
            }
        }
    }

    /// <summary>Edits from one word to the other: Levenshtein.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
