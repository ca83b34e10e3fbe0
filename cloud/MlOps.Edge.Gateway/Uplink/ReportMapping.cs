using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>From the wire's words to the cluster's: the two are upgraded apart.</summary>
internal static class ReportMapping
{
    public static DeviceReport ToReport(this ReportedDocument document, DateTimeOffset receivedAt) => new()
    {
        Session = document.Session,
        Sequence = document.Sequence,
        AgentVersion = document.Agent.Version,
        Runtime = document.Agent.Runtime,
        Os = document.Agent.Os,
        Group = document.Group,
        Assets = [.. document.Assets.Select(a => new ReportedAssetView(a.Asset, a.MachineKind, a.Installation, a.Frame))],
        DesiredEpoch = document.DesiredEpoch,
        Active = View(document.Active),
        Previous = View(document.Previous),
        Shadow = View(document.Shadow),
        Deployments = [.. document.Deployments.Select(View)],
        MissingBlobs = [.. document.MissingBlobs.Select(blob => blob.ToString())],
        OutboxPending = document.Outbox.Pending,
        OutboxBytes = document.Outbox.Bytes,
        SensorFaults = [.. document.SensorFaults.Select(f => new SensorFaultView(f.Asset, f.Channel, f.Reason))],
        Waiting = document.Waiting,
        ReceivedAt = receivedAt,
    };

    private static RunningModelView? View(RunningModel? model) => model is null ? null : new(model.Model, model.Version, model.Digest.ToString());

    private static DeploymentView View(ReportedDeployment d) => new(
        d.Role == SlotRole.Shadow ? "shadow" : "active", d.Epoch, d.Rollout, d.Model, d.Version, d.State, d.Reason, d.BlobsPresent, d.BlobsTotal);
}
