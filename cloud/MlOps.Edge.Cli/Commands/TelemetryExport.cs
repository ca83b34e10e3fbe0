using System.CommandLine;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class TelemetryExport
{
    public static Command Create(MlOpsCli cli)
    {
        var (units, span) = (new UnitOptions(), new SpanOptions("since ever"));
        var format = new Option<string>("--format") { Description = "What the file is. Default: parquet.", HelpName = "csv|parquet|ndjson", DefaultValueFactory = _ => "parquet" };
        format.CompletionSources.Add("parquet", "csv", "ndjson");
        format.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("parquet" or "csv" or "ndjson") and var other }])
            {
                result.AddError($"--format is parquet, csv or ndjson, not '{other}'.");
            }
        });
        var target = new TargetOptions("--out", "The file to write.");
        var verb = new Verb(
            "export", "Every frame of a span of time into a file", "mlops telemetry export --out readings.parquet", "mlops telemetry export pump-07 --from -30d --format csv --out pump-07.csv");
        units.AddTo(verb);
        span.AddTo(verb);
        verb.Add(format);
        target.AddTo(verb, required: true);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var file = target.Of(parsed, cli)!;
            using var cloud = cli.Connect(parsed);
            var path = "telemetry/export".WithQuery([.. units.Query(parsed), .. span.Query(parsed), ("format", parsed.GetValue(format))]);
            var bytes = await file.WriteAsync(to => cloud.CopyAsync(path, to, cancellationToken), cancellationToken);
            await (file.IsStandardOutput ? cli.Progress : cli.Output).WriteLineAsync(parsed.GetValue(Options.Output) == OutputFormat.Json
                ? JsonSerializer.Serialize(new ExportedFile(file.Name, bytes), CloudJson.Default.ExportedFile)
                : $"{file.Name}: {Show.Bytes(bytes)}");
            return ExitCode.Ok;
        });
        return verb;
    }
}
