using Orleans.Concurrency;

namespace MlOps.Edge.Cloud.Fleets;

/// <summary>The summary that lists, selectors and rollouts read: one line per device. Key: <see cref="Default"/>.</summary>
[Alias("mlops.fleet")]
public interface IFleetGrain : IGrainWithStringKey
{
    const string Default = "default";

    /// <remarks>Calls interleave, so that devices that come at once share a write.</remarks>
    [Alias("update"), AlwaysInterleave]
    Task UpdateAsync(DeviceSummary device);

    /// <summary>Every device, ordered by id; optionally only some.</summary>
    [Alias("list")]
    Task<DeviceSummary[]> ListAsync(FleetSelector selector);
}

/// <summary>Which devices. Null is any.</summary>
/// <param name="TakesModels">Only those that a model can be meant for.</param>
[GenerateSerializer, Immutable, Alias("mlops.fleet-selector")]
public sealed record FleetSelector([property: Id(0)] string? Group = null, [property: Id(1)] string? MachineKind = null, [property: Id(2)] bool TakesModels = false);

[GenerateSerializer, Immutable, Alias("mlops.device-summary")]
public sealed record DeviceSummary
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Group { get; init; }
    [Id(2)] public string? MachineKind { get; init; }
    [Id(3)] public string? Asset { get; init; }
    [Id(4)] public int Installation { get; init; }
    [Id(5)] public bool Online { get; init; }
    [Id(6)] public long DesiredEpoch { get; init; }
    [Id(7)] public Devices.Assignment? Desired { get; init; }

    /// <summary>The newest desired epoch that the device says it has read.</summary>
    [Id(8)] public long ReportedEpoch { get; init; }
    [Id(9)] public Devices.RunningModelView? Active { get; init; }
    [Id(10)] public Devices.RunningModelView? Shadow { get; init; }
    [Id(11)] public Devices.DeploymentView[] Deployments { get; init; } = [];
    [Id(12)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>It takes no model; no rollout is meant for it.</summary>
    [Id(13)] public bool TelemetryOnly { get; init; }

    /// <summary>The last quarantine, which may be over; null: none, or it was released.</summary>
    [Id(14)] public Devices.DeviceQuarantine? Quarantine { get; init; }

    /// <summary>The age of its oldest reading that is not acknowledged, as it last said; null: it has never said. See <see cref="Devices.DeviceLag"/>.</summary>
    [Id(15)] public TimeSpan? Lag { get; init; }
}
