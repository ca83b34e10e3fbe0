using System.CommandLine;

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
            : result.Tokens is [{ Value: "table" }] ? OutputFormat.Table
            : result.Tokens is [{ Value: "csv" }] ? OutputFormat.Csv
            : Refuse<OutputFormat>(result, $"--output is table or json, not '{result.Tokens[0].Value}'."),
    };

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
