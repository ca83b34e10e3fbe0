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
        var to = new Option<string>("--out") { Description = "The file to write.", HelpName = "file", Required = true };
        var force = new Option<bool>("--force") { Description = "Write over a file that is there." };
        var verb = new Verb(
            "backup", "Copy everything durable of the cloud into a file while it works; the signing key is not in it",
            "mlops backup --out cloud-2026-11-23.db")
        {
            to, force,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, part) = (parsed.GetRequiredValue(to), parsed.GetRequiredValue(to) + ".part");
            if (File.Exists(path) && !parsed.GetValue(force))
            {
                throw new CliException(ExitCode.Conflict, $"'{path}' is there already; choose another name, or --force.");
            }

            using var cloud = cli.Connect(parsed);
            var (sha256, bytes, notIncluded) = await LocalFile.WriteAsync(part, file => cloud.DownloadAsync("backup", file, cancellationToken));
            File.Move(part, path, overwrite: true);
            var answer = new CloudAnswer(JsonSerializer.SerializeToElement(new BackupDocument(Path.GetFullPath(path), bytes, sha256, notIncluded), CloudJson.Default.BackupDocument), System.Net.HttpStatusCode.OK);
            return cli.Show(parsed, answer, (_, screen) => screen.Facts(("file", Path.GetFullPath(path)), ("bytes", Show.Count(bytes)), ("sha-256", sha256), ("not in it", notIncluded)));
        });
        return verb;
    }
}
