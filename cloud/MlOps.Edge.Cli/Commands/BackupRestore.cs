using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class BackupRestore
{
    public static Command Create(MlOpsCli cli)
    {
        var from = new Argument<string>("file") { Description = "What 'mlops backup' made." };
        var verb = new Verb(
            "restore", "Give the cloud a backup: it checks it, starts again with it, and keeps what it had beside it",
            "mlops restore cloud-2026-11-23.db")
        {
            from,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var file = LocalFile.OpenRead(parsed.GetRequiredValue(from));
            return await cli.ShowAsync(
                parsed,
                cloud => cloud.UploadAsync("restore", file, "application/vnd.sqlite3", cancellationToken),
                (answer, screen) =>
                {
                    var staged = answer.As(CloudJson.Default.RestoreDocument);
                    screen.Line("The backup is whole; the cloud starts again with it.");
                    screen.Facts(("bytes", Show.Count(staged.Bytes)), ("schema", Show.Count(staged.Schema)), ("kept as", staged.Replaces));
                });
        });
        return verb;
    }
}
