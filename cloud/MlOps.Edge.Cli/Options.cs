using System.CommandLine;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli;

internal enum OutputFormat { Table, Json, Csv }

/// <summary>Options that every verb has.</summary>
internal static class Options
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    public static Option<string?> Url { get; } = new("--url")
    {
        Description = $"The cloud's address. Default: MLOPS_URL, or else {DefaultUrl}.",
        HelpName = "url",
        Recursive = true,
    };

    public static Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "table for people, json for scripts: the API's own document. Default: table.",
        HelpName = "table|json",
        Recursive = true,
        CustomParser = result => result.Tokens is [{ Value: "json" }] ? OutputFormat.Json
            : result.Tokens is [{ Value: "csv" }] ? OutputFormat.Csv
            : OutputFormat.Table, // Other words are refused by OutputFault.
    };

    /// <summary>What is wrong with the word after <c>--output</c>: that depends on the verb. Null: nothing.</summary>
    public static string? OutputFault(ParseResult parsed)
    {
        var word = parsed.GetResult(Output) is { Tokens: [var token, ..] } ? token.Value : "table";
        var hasCsv = parsed.CommandResult.Command is Verb { HasCsv: true };
        return word switch
        {
            "table" or "json" => null,
            "csv" when hasCsv => null,
            "csv" => "--output is table or json, not 'csv'; only 'mlops telemetry query' has that.",
            _ => $"--output is {(hasCsv ? "table, json or csv" : "table or json")}, not '{word}'.",
        };
    }

    /// <summary>A duration such as 90s, 5m, 2h, 1d or 00:05:00.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan otherwise) => new(name)
    {
        Description = description,
        HelpName = "90s|5m|2h",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => Durations.TryParse(result.Tokens[0].Value, out var duration)
            ? duration
            : Refuse<TimeSpan>(result, $"{name} is a duration such as 90s, 5m, 2h or 00:05:00, not '{result.Tokens[0].Value}'."),
    };

    private static T Refuse<T>(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
