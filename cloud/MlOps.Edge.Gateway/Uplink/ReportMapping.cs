using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>From the wire's words to the cluster's: the two are upgraded apart.</summary>
internal static class ReportMapping
{
    /// <exception cref="FormatException">The document is not what the contract says.</exception>
    public static DeviceReport ToReport(this ReportedDocument document, DateTimeOffset receivedAt) => new()
    {
        Session = document.Session is { Length: > 0 and <= 64 } session ? session : throw new FormatException("the session of a reported document has 1 to 64 characters"),
        Sequence = document.Sequence,
        AgentVersion = document.Agent?.Version ?? "",
        Runtime = document.Agent?.Runtime ?? "",
        Os = document.Agent?.Os ?? "",
        Group = document.Group ?? "default",
        TelemetryOnly = document.TelemetryOnly,
        Assets = [.. Items(document.Assets).Select(a => new ReportedAssetView(AssetId.Parse(a.Asset ?? "").ToString(), a.MachineKind, a.Installation, a.Frame))],
        DesiredEpoch = document.DesiredEpoch,
        Active = View(document.Active),
        Previous = View(document.Previous),
        Shadow = View(document.Shadow),
        Deployments = [.. Items(document.Deployments).Select(View)],
        MissingBlobs = [.. Items(document.MissingBlobs).Select(blob => blob.ToString())],
        OutboxPending = document.Outbox?.Pending ?? 0,
        OutboxBytes = document.Outbox?.Bytes ?? 0,
        OutboxRefused = document.Outbox?.Refused ?? 0,
        LastRefusal = document.Outbox?.LastRefusal,
        OutboxFault = document.Outbox?.Fault,
        OutboxLag = Lag(document.Outbox?.LagMs),
        SensorFaults = [.. Items(document.SensorFaults).Select(f => new SensorFaultView(f.Asset, f.Channel, f.Reason))],
        Waiting = document.Waiting,
        ReceivedAt = receivedAt,
    };

    // More than a TimeSpan holds is no lag of a device.
    private static TimeSpan? Lag(long? milliseconds) => milliseconds is { } ms and >= 0 and < 1L << 48 ? TimeSpan.FromMilliseconds(ms) : null;

    // JSON may say null where the contract does not.
    private static IEnumerable<T> Items<T>(IReadOnlyList<T>? items) =>
        (items ?? []).Select(item => item is null ? throw new FormatException("a list of a reported document holds null") : item);

    private static RunningModelView? View(RunningModel? model) => model is null ? null : new(model.Model, model.Version, model.Digest.ToString());

    private static DeploymentView View(ReportedDeployment d) => new(
        d.Role == SlotRole.Shadow ? "shadow" : "active", d.Epoch, d.Rollout, d.Model, d.Version, d.State, d.Reason, d.BlobsPresent, d.BlobsTotal);
}
