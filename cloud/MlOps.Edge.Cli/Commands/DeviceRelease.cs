using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DeviceRelease
{
    public static Command Create(MlOpsCli cli)
    {
        var id = new Argument<string>("id") { Description = "The device's id." };
        var by = new Option<string>("--by") { Description = "Who asks for it. Default: the user of this terminal.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var verb = new Verb("release", "End a device's quarantine: its telemetry is taken again", "mlops device release edge-07") { id, by };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.PostAsync(Route.To($"devices/{parsed.GetRequiredValue(id)}/release"), new(parsed.GetRequiredValue(by)), CloudJson.Default.ReleaseOrder, cancellationToken),
            (answer, screen) => screen.Line($"Device {answer.As(CloudJson.Default.DeviceDocument).Id} is out of quarantine.")));
        return verb;
    }
}
