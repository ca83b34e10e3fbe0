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
        var save = new TargetOptions("--save", "Write the payload to this file, as it came.");
        var verb = new Verb("dead-letter", "One batch that could never be stored", "mlops telemetry dead-letter 17", "mlops telemetry dead-letter 17 --save batch.bin") { id };
        save.AddTo(verb, required: false);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var file = save.Of(parsed, cli);
            using var cloud = cli.Connect(parsed);
            var answer = await cloud.GetAsync(Route.To($"telemetry/dead-letters/{parsed.GetRequiredValue(id)}"), cancellationToken);
            if (file is not null)
            {
                var payload = answer.As(CloudJson.Default.DeadLetterDocument).Payload ?? [];
                await file.WriteAsync(
                    async to =>
                    {
                        await to.WriteAsync(payload, cancellationToken);
                        return payload.Length;
                    },
                    cancellationToken);
            }

            return cli.Show(parsed, answer, (shown, screen) => Print(shown.As(CloudJson.Default.DeadLetterDocument), file?.Name, screen), file is { IsStandardOutput: true });
        });
        return verb;
    }

    private static void Print(DeadLetterDocument letter, string? file, Screen screen) => screen.Facts(
        ("dead letter", Show.Count(letter.Id)), ("device", letter.Device), ("received", Show.Time(letter.ReceivedAt)), ("reason", letter.Reason),
        ("payload", file is null ? $"{Show.Bytes(letter.Bytes)}; --save FILE writes it" : $"{Show.Bytes(letter.Bytes)} in {file}"));
}
