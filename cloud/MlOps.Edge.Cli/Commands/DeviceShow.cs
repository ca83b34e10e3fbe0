using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DeviceShow
{
    private static readonly Column[] DeploymentColumns =
        [new("SLOT", ColumnKind.Word), new("MODEL", ColumnKind.Word), new("STATE", ColumnKind.State), new("BLOBS", ColumnKind.Number), new("REASON")];

    private static readonly Column[] FaultColumns = [new("ASSET", ColumnKind.Word), new("CHANNEL", ColumnKind.Word), new("FAULT")];

    private static readonly Column[] AssetColumns = [new("ASSET", ColumnKind.Word), new("KIND"), new("INSTALLATION", ColumnKind.Number), new("FRAME", ColumnKind.Number)];

    public static Command Create(MlOpsCli cli)
    {
        var id = new Argument<string>("id") { Description = "The device's id." };
        var verb = new Verb("show", "One device: what it should run, what it runs, why it waits", "mlops device show edge-07", "mlops device show edge-07 -o json") { id };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync(Route.To($"devices/{parsed.GetRequiredValue(id)}"), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.DeviceDocument), screen)));
        return verb;
    }

    private static void Print(DeviceDocument device, Screen screen)
    {
        var said = device.Reported;
        screen.Facts(
            ("device", device.Id),
            ("link", device.Online ? "online" : "offline"),
            ("last seen", Show.Time(device.LastSeen)),
            ("group", said?.Group),
            ("agent", said is null ? null : $"{said.AgentVersion} on {said.Runtime}, {said.Os}"),
            ("desired", Describe(device.Desired?.Active, device.Desired?.Shadow)),
            ("runs", said is null ? null : Describe(said.Active, said.Shadow)),
            ("previous", said?.Previous?.ToString()),
            ("rollout", device.Desired?.Rollout),
            ("outbox", said is null ? null : $"{said.OutboxPending} batches, {Show.Bytes(said.OutboxBytes)} not yet acknowledged"),
            ("refused", said is not { OutboxRefused: > 0 } ? null : $"{said.OutboxRefused} batches, the last: {said.LastRefusal}"),
            ("outbox fault", said?.OutboxFault),
            ("stored", $"{device.Batches} batches"),
            ("waits", said?.Waiting),
            ("lag", device.Lag is { } lag ? Show.Duration(lag) : null),
            ("trouble", device.Trouble),
            ("quarantine", device.Quarantine is { } q ? $"since {Show.Time(q.Since)}, until {Show.Time(q.Until)}: {q.Reason}" : null));

        if (said?.Assets is { Length: > 0 } assets)
        {
            screen.Title("Assets");
            screen.Table(AssetColumns, assets.Select(a => new[] { a.Asset, a.MachineKind, Show.Count(a.Installation), a.Frame < 0 ? Show.Nothing : Show.Count(a.Frame) }));
        }

        if (said?.Deployments is { Length: > 0 } deployments)
        {
            screen.Title("Deployments");
            screen.Table(DeploymentColumns, deployments.Select(d => new[]
            {
                d.Role, $"{d.Model}:{d.Version}", d.State, $"{d.BlobsPresent}/{d.BlobsTotal}", d.Reason ?? Show.Nothing,
            }));
        }

        if (said?.SensorFaults is { Length: > 0 } faults)
        {
            screen.Title("Sensor faults");
            screen.Table(FaultColumns, faults.Select(f => new[] { f.Asset, f.Channel, f.Reason }));
        }

        foreach (var step in DeviceAdvice.For(device))
        {
            screen.Next(step);
        }
    }

    private static string Describe(ModelRef? active, ModelRef? shadow) =>
        (active?.ToString() ?? "no model") + (shadow is null ? "" : $", shadow {shadow}");
}
