using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DeadLetterShow
{
    public static Command Create(MlOpsCli cli)
    {
        var id = new Argument<long>("id") { Description = "The dead letter's id, from the list." };
        var save = new Option<string?>("--save") { Description = "Write the payload to this file, as it came.", HelpName = "file" };
        var verb = new Verb("dead-letter", "One batch that could never be stored", "mlops telemetry dead-letter 17", "mlops telemetry dead-letter 17 --save batch.bin") { id, save };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = cli.Connect(parsed);
            var answer = await cloud.GetAsync(Route.To($"telemetry/dead-letters/{parsed.GetRequiredValue(id)}"), cancellationToken);
            var file = parsed.GetValue(save);
            if (file is not null)
            {
                await SaveAsync(file, answer.As(CloudJson.Default.DeadLetterDocument).Payload ?? [], cancellationToken);
            }

            return cli.Show(parsed, answer, (shown, screen) => Print(shown.As(CloudJson.Default.DeadLetterDocument), file, screen));
        });
        return verb;
    }

    private static async Task SaveAsync(string file, byte[] payload, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllBytesAsync(file, payload, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failure, $"'{file}' cannot be written ({e.Message.TrimEnd('.')}); choose another with --save.");
        }
    }

    private static void Print(DeadLetterDocument letter, string? file, Screen screen) => screen.Facts(
        ("dead letter", Show.Count(letter.Id)), ("device", letter.Device), ("received", Show.Time(letter.ReceivedAt)), ("reason", letter.Reason),
        ("payload", file is null ? $"{Show.Bytes(letter.Bytes)}; --save FILE writes it" : $"{Show.Bytes(letter.Bytes)} in {file}"));
}
