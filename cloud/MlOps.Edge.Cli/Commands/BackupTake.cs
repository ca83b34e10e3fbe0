using System.CommandLine;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class BackupTake
{
    public static Command Create(MlOpsCli cli)
    {
        var target = new TargetOptions("--out", "The file to write.");
        var verb = new Verb(
            "backup", "Copy everything durable of the cloud into a file while it works; the signing key is not in it",
            "mlops backup --out cloud-2026-11-23.db");
        target.AddTo(verb, required: true);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var file = target.Of(parsed, cli)!;
            using var cloud = cli.Connect(parsed);
            var (sha256, bytes, notIncluded) = await file.WriteAsync(to => cloud.DownloadAsync("backup", to, cancellationToken), cancellationToken);
            var answer = new CloudAnswer(JsonSerializer.SerializeToElement(new BackupDocument(file.FullName, bytes, sha256, notIncluded), CloudJson.Default.BackupDocument), System.Net.HttpStatusCode.OK);
            return cli.Show(
                parsed, answer, (_, screen) => screen.Facts(("file", file.FullName), ("bytes", Show.Count(bytes)), ("sha-256", sha256), ("not in it", notIncluded)), file.IsStandardOutput);
        });
        return verb;
    }
}
