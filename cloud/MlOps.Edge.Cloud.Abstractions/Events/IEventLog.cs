using System.Text.Json.Nodes;

namespace MlOps.Edge.Cloud.Events;

/// <summary>What happened in the rooms, append-only: the story that people read, and the trail that audits follow.</summary>
public interface IEventLog
{
    /// <summary>Appends durably. The same <paramref name="id"/> again is the same event (grains may repeat a step after a crash).</summary>
    Task AppendAsync(string id, DateTimeOffset at, string subject, string kind, JsonObject data, CancellationToken cancellationToken);

    /// <summary>Events after a position, oldest first; <paramref name="subject"/> null is all.</summary>
    Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after, string? subject, int limit, CancellationToken cancellationToken);
}

/// <param name="At">Watermark time: virtual in the demo.</param>
/// <param name="Subject">What it is about: <c>model/turbofan-rul</c>, <c>rollout/…</c>, <c>device/…</c>.</param>
/// <param name="Kind">A word of <see cref="EventKinds"/>.</param>
/// <param name="Data">JSON object.</param>
public sealed record LoggedEvent(long Position, string Id, DateTimeOffset At, string Subject, string Kind, string Data);

/// <summary>The kinds of events; their data are documented in docs/architecture.md.</summary>
public static class EventKinds
{
    public const string ModelDefined = "model-defined";
    public const string SnapshotTaken = "snapshot-taken";
    public const string TrainingStarted = "training-started";
    public const string TrainingStep = "training-step";
    public const string TrainingFinished = "training-finished";
    public const string TrainingFailed = "training-failed";
    public const string GateDecided = "gate-decided";
    public const string VersionRegistered = "version-registered";
    public const string AliasMoved = "alias-moved";
    public const string RolloutStarted = "rollout-started";
    public const string RolloutStateChanged = "rollout-state-changed";
    public const string WaveStarted = "wave-started";
    public const string WaveDecided = "wave-decided";
    public const string DriftVerdict = "drift-verdict";

    /// <summary>Each channel's score over its threshold, whenever sketches came: what a chart of drift over time shows.</summary>
    public const string DriftScored = "drift-scored";

    /// <summary>A device's sensors are at fault: a matter for maintenance, not for training. Subject <c>device/…</c>.</summary>
    public const string DeviceFault = "device-fault";

    /// <summary>A device's telemetry is not taken for a while. Subject <c>device/…</c>.</summary>
    public const string DeviceQuarantined = "device-quarantined";

    /// <summary>A person has ended a quarantine. Subject <c>device/…</c>.</summary>
    public const string DeviceReleased = "device-released";
    public const string UnitScored = "unit-scored";
    public const string LifecycleStateChanged = "lifecycle-state-changed";
}
