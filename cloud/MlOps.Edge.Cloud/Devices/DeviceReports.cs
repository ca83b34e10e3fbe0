using MlOps.Edge.Cloud.Fleets;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What of a report is worth keeping, and what of a device the fleet should know.</summary>
internal static class DeviceReports
{
    /// <summary>Whether two reports differ in anything but counters, which are stale again within seconds.</summary>
    public static bool SaysTheSame(this DeviceReport a, DeviceReport? b) =>
        b is not null
        && (a.Session, a.AgentVersion, a.Runtime, a.Os, a.Group, a.TelemetryOnly, a.DesiredEpoch, a.Waiting) == (b.Session, b.AgentVersion, b.Runtime, b.Os, b.Group, b.TelemetryOnly, b.DesiredEpoch, b.Waiting)
        && (a.Active, a.Previous, a.Shadow) == (b.Active, b.Previous, b.Shadow)
        && a.Assets.Select(Uncounted).SequenceEqual(b.Assets.Select(Uncounted))
        && a.Deployments.SequenceEqual(b.Deployments)
        && a.MissingBlobs.SequenceEqual(b.MissingBlobs)
        && a.SensorFaults.SequenceEqual(b.SensorFaults)
        && (a.OutboxRefused, a.LastRefusal, a.OutboxFault) == (b.OutboxRefused, b.LastRefusal, b.OutboxFault);

    /// <summary>Whether a report of the same start of the agent came before another.</summary>
    public static bool IsOlderThan(this DeviceReport a, DeviceReport? b) => a.Session == b?.Session && a.Sequence < b.Sequence;

    public static DeviceSummary Summarise(string id, DeviceState state, bool online, DateTimeOffset? lastSeen) => new()
    {
        Id = id,
        Group = state.Reported?.Group ?? "default",
        MachineKind = state.Reported?.Assets.FirstOrDefault()?.MachineKind,
        Asset = state.Reported?.Assets.FirstOrDefault()?.Asset,
        Installation = state.Reported?.Assets.FirstOrDefault()?.Installation ?? 0,
        Online = online,
        DesiredEpoch = state.DesiredEpoch,
        Desired = state.Desired,
        ReportedEpoch = state.Reported?.DesiredEpoch ?? 0,
        Active = state.Reported?.Active,
        Shadow = state.Reported?.Shadow,
        Deployments = state.Reported?.Deployments ?? [],
        LastSeen = lastSeen,
        TelemetryOnly = state.Reported?.TelemetryOnly ?? false,
        Quarantine = state.Quarantine,
        Lag = state.Reported?.OutboxLag,
    };

    /// <summary>Whether two summaries differ in anything but when the device was last heard and how far behind it was.</summary>
    public static bool SaysTheSame(this DeviceSummary a, DeviceSummary? b) =>
        b is not null
        && a.Deployments.SequenceEqual(b.Deployments)
        && a with { LastSeen = null, Lag = null, Deployments = [] } == b with { LastSeen = null, Lag = null, Deployments = [] };

    private static ReportedAssetView Uncounted(ReportedAssetView asset) => asset with { Frame = 0 };
}
