using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DeviceList
{
    private static readonly Column[] Columns =
    [
        new("DEVICE", ColumnKind.Word), new("LINK", ColumnKind.State), new("UNIT", ColumnKind.Word, Spare: true), new("ACTIVE", ColumnKind.Word),
        new("SHADOW", ColumnKind.Word, Spare: true), new("DEPLOYMENT", ColumnKind.State), new("LAST SEEN", ColumnKind.Word, Spare: true),
        new("LAG", ColumnKind.Word, Spare: true),
    ];

    public static Command Create(MlOpsCli cli)
    {
        var group = new Option<string?>("--group") { Description = "Only this group.", HelpName = "group" };
        var kind = new Option<string?>("--machine-kind") { Description = "Only devices on this kind of machine.", HelpName = "kind" };
        var verb = new Verb("list", "Devices by id: what they run and how their last deployment went", "mlops device list", "mlops device list --group hall-2 -o json") { group, kind };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync("devices".WithQuery(("group", parsed.GetValue(group)), ("machineKind", parsed.GetValue(kind))), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.DeviceLineArray), screen)));
        return verb;
    }

    private static void Print(DeviceLine[] devices, Screen screen)
    {
        if (devices.Length == 0)
        {
            screen.Line("No device yet.");
            screen.Next("A device appears when its agent connects to the broker; see 'dotnet run --project edge/MlOps.Edge.Agent -- --help'.");
            return;
        }

        screen.Table(Columns, devices.Select(d => new[]
        {
            d.Id,
            d.Quarantine is not null ? "quarantined" : d.Online ? "online" : "offline",
            d.Asset is null ? Show.Nothing : $"{d.Asset}#{d.Installation}",
            d.Active?.ToString() ?? Show.Nothing,
            d.Shadow?.ToString() ?? Show.Nothing,
            d.Deployments.FirstOrDefault()?.State ?? (d.DesiredEpoch > d.ReportedEpoch ? "pending" : Show.Nothing),
            Show.Time(d.LastSeen),
            d.Lag is { } lag ? Show.Duration(lag) : Show.Nothing,
        }));
        screen.Line($"{devices.Length} {(devices.Length == 1 ? "device" : "devices")}, {devices.Count(d => d.Online)} online.");
    }
}
