using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What a device grain keeps. How far its streams are stored is the telemetry store's knowledge, not this one's.</summary>
[GenerateSerializer, Alias("mlops.device-state")]
internal sealed record DeviceState
{
    [Id(0)] public Assignment? Desired { get; init; }
    [Id(1)] public long DesiredEpoch { get; init; }
    [Id(2)] public DeviceReport? Reported { get; init; }
    [Id(3)] public bool Online { get; init; }

    /// <summary>The agent's start that the link status is about.</summary>
    [Id(4)] public string? Session { get; init; }

    /// <summary>The last quarantine, which may be over; null: none, or it was released.</summary>
    [Id(5)] public DeviceQuarantine? Quarantine { get; init; }

    /// <summary>What the event log may not have yet.</summary>
    [Id(6)] public UntoldEvent? Untold { get; init; }
}
