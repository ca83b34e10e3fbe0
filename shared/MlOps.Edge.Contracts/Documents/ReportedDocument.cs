namespace MlOps.Edge.Contracts.Documents;

/// <summary>What a device says of itself: <c>up/reported</c>, whole each time, sent when something changed.</summary>
public sealed record ReportedDocument
{
    public int Protocol { get; set; } = ProtocolVersion.Current;

    /// <summary>Random per start of the agent; <see cref="Sequence"/> counts within it. The acknowledgement names both.</summary>
    public required string Session { get; init; }

    public required long Sequence { get; init; }

    public required AgentInfo Agent { get; init; }

    /// <summary>The fleet group that the device was configured into.</summary>
    public string Group { get; set; } = "default";

    /// <summary>It measures and takes no model, e.g. an importer of recordings: rollouts leave it out.</summary>
    public bool TelemetryOnly { get; set; }

    public IReadOnlyList<ReportedAsset> Assets { get; set; } = [];

    /// <summary>The last desired epoch that the agent has read; 0: none yet.</summary>
    public long DesiredEpoch { get; init; }

    public RunningModel? Active { get; init; }

    public RunningModel? Previous { get; init; }

    public RunningModel? Shadow { get; init; }

    /// <summary>How the last change of each slot went, newest first; at most one per slot.</summary>
    public IReadOnlyList<ReportedDeployment> Deployments { get; set; } = [];

    /// <summary>Blobs that did not come, or came wrong. The cloud publishes them again.</summary>
    public IReadOnlyList<Sha256Digest> MissingBlobs { get; set; } = [];

    public OutboxInfo Outbox { get; set; } = new(0, 0);

    /// <summary>Sensors that are not well, with the reason.</summary>
    public IReadOnlyList<SensorFault> SensorFaults { get; set; } = [];

    /// <summary>Why the agent waits, in plain words; null when it does not.</summary>
    public string? Waiting { get; init; }
}

public sealed record AgentInfo(string Version, string Runtime, string Os);

/// <param name="Frame">Age of the last committed frame, in sample intervals; -1: none yet.</param>
public sealed record ReportedAsset(string Asset, string MachineKind, int Installation, long Frame);

public sealed record RunningModel(string Model, int Version, Sha256Digest Manifest, Sha256Digest Digest);

/// <param name="Role">Which slot.</param>
/// <param name="Epoch">The desired epoch that asked for it.</param>
/// <param name="Rollout">The rollout that asked for it; null outside one.</param>
/// <param name="Reason">In plain words, for every state but the good ones.</param>
/// <param name="BlobsPresent">Blobs at hand, of <paramref name="BlobsTotal"/>; 0 of 0 before the manifest is known.</param>
public sealed record ReportedDeployment(
    SlotRole Role, long Epoch, string Model, int Version, DeploymentState State, string? Rollout = null, string? Reason = null, int BlobsPresent = 0, int BlobsTotal = 0);

public enum SlotRole { Active = 0, Shadow = 1 }

/// <summary>A device's part in a deployment. Numbers rest in stores: append, never renumber.</summary>
public enum DeploymentState
{
    Pending = 0,
    Downloading = 1,
    Verifying = 2,

    /// <summary>Proved, and predicting beside the active model.</summary>
    Shadow = 3,

    /// <summary>Active, and watched: a failure now reverts by itself.</summary>
    Probation = 4,
    Succeeded = 5,

    /// <summary>It could not be fetched, or did not prove itself; the slot keeps what it had.</summary>
    Failed = 6,

    /// <summary>It failed on probation; the previous model is active again.</summary>
    RolledBack = 7,

    /// <summary>It was refused before it ran: signature, digest, graph, signature of inputs and outputs, or budget.</summary>
    Rejected = 8,
    TimedOut = 9,
    Cancelled = 10,
}

/// <param name="Pending">Batches that wait for the cloud's acknowledgement.</param>
/// <param name="Bytes">What they and the quarantined ones take.</param>
/// <param name="Quarantined">Batches that were refused and are kept aside on the device: the newest of them.</param>
/// <param name="Fault">What went wrong with the outbox itself, e.g. a damaged file; null: nothing.</param>
/// <param name="Refused">Batches that were ever refused, those included that made room since.</param>
/// <param name="LastRefusal">The newest of them, and why; null: none was.</param>
public sealed record OutboxInfo(long Pending, long Bytes, long Quarantined = 0, string? Fault = null, long Refused = 0, string? LastRefusal = null)
{
    /// <summary>Of <see cref="Pending"/>, those in streams of what is sent as it is made.</summary>
    public long PendingLive { get; init; }

    /// <summary>Of <see cref="Pending"/>, those that were made while the link was down or slow.</summary>
    public long PendingBacklog { get; init; }

    /// <summary>Of <see cref="Pending"/>, those of what had to make room.</summary>
    public long PendingSummary { get; init; }

    /// <summary>For how long the oldest reading has waited for the cloud's acknowledgement, in ms, counted while an agent ran; 0: none waits; null: the agent does not say.</summary>
    public long? LagMs { get; init; }

    /// <summary>Values that ever became summaries.</summary>
    public long Summarised { get; init; }

    /// <summary>Values that were ever dropped, those of summaries included, and those that decayed.</summary>
    public long Dropped { get; init; }

    /// <summary>Durable writes since the agent started.</summary>
    public long Commits { get; init; }

    /// <summary>Bytes of pages that went to the outbox's journal since the agent started.</summary>
    public long BytesWritten { get; init; }
}

public sealed record SensorFault(string Asset, string Channel, string Reason);
