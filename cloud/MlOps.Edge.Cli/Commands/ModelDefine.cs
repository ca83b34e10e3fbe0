using System.CommandLine;
using System.Net;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Usage;
using MlOps.Edge.Words;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelDefine
{
    public static Command Create(MlOpsCli cli)
    {
        var file = new Option<string>("--file", "-f") { Description = "The definition, JSON: name, machineKind, channels, window, sampleInterval, rulCap.", HelpName = "path", Required = true }.Filled();
        var verb = new Verb("define", "Define a model, once; the same definition again changes nothing", "mlops model define --file turbofan-rul.json") { file };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var json = await ReadAsync(path, cancellationToken);
            return await cli.ShowAsync(
                parsed,
                cloud => cloud.PutAsync(Route.To($"models/{NameIn(json, path)}"), json, cancellationToken),
                (answer, screen) =>
                {
                    screen.Line(answer.Status == HttpStatusCode.Created ? "Defined." : "It is defined so already.");
                    ModelShow.Print(answer.As(CloudJson.Default.ModelDocument), screen);
                });
        });
        return verb;
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Failure, $"'{path}' cannot be read: {e.Message}");
        }
    }

    private static string NameIn(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()!
                : throw new CliException(ExitCode.Usage, $"'{path}' has no \"name\": the model's name goes there.");
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Usage, $"'{path}' is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }
}
