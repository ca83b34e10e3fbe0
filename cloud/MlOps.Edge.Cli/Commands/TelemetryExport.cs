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
        var file = new Option<string>("--out") { Description = "The file. It appears when it is complete; one that is there is replaced.", HelpName = "file", Required = true };
        var verb = new Verb(
            "export", "Every frame of a span of time into a file", "mlops telemetry export --out readings.parquet", "mlops telemetry export pump-07 --from -30d --format csv --out pump-07.csv");
        units.AddTo(verb);
        span.AddTo(verb);
        verb.Add(format);
        verb.Add(file);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = cli.Connect(parsed);
            var name = parsed.GetRequiredValue(file);
            var bytes = await WriteAsync(
                name, to => cloud.CopyAsync("telemetry/export".WithQuery([.. units.Query(parsed), .. span.Query(parsed), ("format", parsed.GetValue(format))]), to, cancellationToken));
            await cli.Output.WriteLineAsync(parsed.GetValue(Options.Output) == OutputFormat.Json
                ? JsonSerializer.Serialize(new ExportedFile(name, bytes), CloudJson.Default.ExportedFile)
                : $"{name}: {Show.Bytes(bytes)}");
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<long> WriteAsync(string name, Func<Stream, Task> write)
    {
        var part = $"{name}.part";
        try
        {
            long bytes;
            await using (var to = File.Create(part))
            {
                await write(to);
                bytes = to.Length;
            }

            File.Move(part, name, overwrite: true);
            return bytes;
        }
        catch (Exception e)
        {
            // A folder that is not there has no part either, and cannot be asked to delete it.
            if (File.Exists(part))
            {
                File.Delete(part);
            }

            if (e is IOException or UnauthorizedAccessException)
            {
                throw new CliException(ExitCode.Failure, $"'{name}' cannot be written: {e.Message}");
            }

            throw;
        }
    }
}
