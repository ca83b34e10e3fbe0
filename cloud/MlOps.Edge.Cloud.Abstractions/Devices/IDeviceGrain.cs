using Orleans.Concurrency;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>One physical device: what it should run, what it says it runs, and its way up. Key: the device id.</summary>
[Alias("mlops.device")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Stores batches durably, each once, and returns what is stored of their streams. Repeats are welcome.</summary>
    /// <remarks>
    /// What can never be stored is in the dead letters when this returns. Calls interleave while the store writes, so that batches sent one
    /// after another share a commit.
    /// </remarks>
    [Alias("ingest-all"), AlwaysInterleave]
    Task<IngestAnswer> IngestAsync(IngestBatch[] batches);

    /// <summary>Takes what the device says of itself. Returns when it is kept.</summary>
    [Alias("report")]
    Task ReportAsync(DeviceReport report);

    [Alias("connection")]
    Task ConnectionAsync(bool online, string session);

    /// <summary>Makes this the device's desired state and publishes it. The same assignment again changes nothing.</summary>
    /// <returns>The desired epoch.</returns>
    [Alias("assign")]
    Task<long> AssignAsync(Assignment assignment);

    /// <summary>Publishes the desired document again: a broker may have lost it.</summary>
    [Alias("announce")]
    Task AnnounceAsync();

    [Alias("get")]
    Task<DeviceView> GetAsync();

    /// <summary>Puts the device into quarantine; where it is in one already, that one goes on.</summary>
    /// <param name="reason">In plain words.</param>
    /// <returns>The quarantine that it is in, which is kept.</returns>
    [Alias("quarantine")]
    Task<DeviceQuarantine> QuarantineAsync(string reason, DateTimeOffset at);

    /// <returns>The quarantine that the device is in; null: none.</returns>
    [Alias("quarantined")]
    Task<DeviceQuarantine?> GetQuarantineAsync(DateTimeOffset now);

    /// <summary>Ends the device's quarantine, and forgets those before it.</summary>
    /// <param name="by">Who says so.</param>
    /// <returns>False: it is in none.</returns>
    [Alias("release")]
    Task<bool> ReleaseAsync(string by, DateTimeOffset at);
}

/// <summary>What a device should run. Null slots are empty.</summary>
[GenerateSerializer, Immutable, Alias("mlops.assignment")]
public sealed record Assignment([property: Id(0)] AssignedModel? Active, [property: Id(1)] AssignedModel? Shadow, [property: Id(2)] string? Rollout);

/// <summary>A model version with the digests that its manifest and signature blobs are published under.</summary>
[GenerateSerializer, Immutable, Alias("mlops.assigned-model")]
public sealed record AssignedModel([property: Id(0)] string Model, [property: Id(1)] int Version, [property: Id(2)] string Manifest, [property: Id(3)] string Signature);

/// <summary>What a device said of itself: a grain message of its own, so that fleets and clusters upgrade apart.</summary>
[GenerateSerializer, Immutable, Alias("mlops.device-report")]
public sealed record DeviceReport
{
    [Id(0)] public required string Session { get; init; }
    [Id(1)] public required long Sequence { get; init; }
    [Id(2)] public required string AgentVersion { get; init; }
    [Id(3)] public required string Runtime { get; init; }
    [Id(4)] public required string Os { get; init; }
    [Id(5)] public required string Group { get; init; }
    [Id(6)] public ReportedAssetView[] Assets { get; init; } = [];
    [Id(7)] public long DesiredEpoch { get; init; }
    [Id(8)] public RunningModelView? Active { get; init; }
    [Id(9)] public RunningModelView? Previous { get; init; }
    [Id(10)] public RunningModelView? Shadow { get; init; }
    [Id(11)] public DeploymentView[] Deployments { get; init; } = [];
    [Id(12)] public string[] MissingBlobs { get; init; } = [];
    [Id(13)] public long OutboxPending { get; init; }
    [Id(14)] public long OutboxBytes { get; init; }
    [Id(15)] public SensorFaultView[] SensorFaults { get; init; } = [];
    [Id(16)] public string? Waiting { get; init; }
    [Id(17)] public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Batches that were ever refused; the device keeps the newest of them aside.</summary>
    [Id(18)] public long OutboxRefused { get; init; }
    [Id(19)] public string? LastRefusal { get; init; }

    /// <summary>What went wrong with the outbox itself; null: nothing.</summary>
    [Id(20)] public string? OutboxFault { get; init; }

    /// <summary>It sends telemetry and runs no model: no rollout is meant for it.</summary>
    [Id(21)] public bool TelemetryOnly { get; init; }

    /// <summary>The age of its oldest reading that is not acknowledged when it said this; null: it says none.</summary>
    [Id(22)] public TimeSpan? OutboxLag { get; init; }
}

[GenerateSerializer, Immutable, Alias("mlops.reported-asset")]
public sealed record ReportedAssetView([property: Id(0)] string Asset, [property: Id(1)] string MachineKind, [property: Id(2)] int Installation, [property: Id(3)] long Frame);

[GenerateSerializer, Immutable, Alias("mlops.running-model")]
public sealed record RunningModelView([property: Id(0)] string Model, [property: Id(1)] int Version, [property: Id(2)] string Digest);

/// <param name="Role">active or shadow.</param>
/// <param name="State">The device deployment's state, in the contract's words.</param>
[GenerateSerializer, Immutable, Alias("mlops.deployment-view")]
public sealed record DeploymentView(
    [property: Id(0)] string Role, [property: Id(1)] long Epoch, [property: Id(2)] string? Rollout, [property: Id(3)] string Model, [property: Id(4)] int Version,
    [property: Id(5)] Contracts.Documents.DeploymentState State, [property: Id(6)] string? Reason, [property: Id(7)] int BlobsPresent, [property: Id(8)] int BlobsTotal);

[GenerateSerializer, Immutable, Alias("mlops.sensor-fault")]
public sealed record SensorFaultView([property: Id(0)] string Asset, [property: Id(1)] string Channel, [property: Id(2)] string Reason);

/// <summary>A device as the cloud knows it.</summary>
[GenerateSerializer, Immutable, Alias("mlops.device-view")]
public sealed record DeviceView
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>False: never heard of, and nothing assigned.</summary>
    [Id(1)] public bool Known { get; init; }
    [Id(2)] public bool Online { get; init; }
    [Id(3)] public DateTimeOffset? LastSeen { get; init; }
    [Id(4)] public long DesiredEpoch { get; init; }
    [Id(5)] public Assignment? Desired { get; init; }
    [Id(6)] public DeviceReport? Reported { get; init; }
    [Id(7)] public long Batches { get; init; }

    /// <summary>Why the newest batches were refused; null where none was.</summary>
    [Id(8)] public string? Trouble { get; init; }

    /// <summary>The last quarantine, which may be over; null: none, or it was released.</summary>
    [Id(9)] public DeviceQuarantine? Quarantine { get; init; }

    /// <summary>The age of its oldest reading that is not acknowledged; null: it has never said. See <see cref="DeviceLag"/>.</summary>
    [Id(10)] public TimeSpan? Lag { get; init; }
}
