namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>One rollout of one model version over part of the fleet, in waves. Key: the rollout id.</summary>
[Alias("mlops.rollout")]
public interface IRolloutGrain : IGrainWithStringKey
{
    /// <exception cref="InvalidRolloutException">Unknown model or version, no devices, or a plan that contradicts itself.</exception>
    [Alias("start")]
    Task<RolloutView> StartAsync(RolloutPlan plan);

    /// <summary>Reads the fleet, decides, acts. Time moves only here.</summary>
    [Alias("tick")]
    Task<RolloutView> TickAsync(DateTimeOffset watermark);

    /// <exception cref="InvalidRolloutException">It is not running.</exception>
    [Alias("pause")]
    Task<RolloutView> PauseAsync(string by, string reason);

    [Alias("resume")]
    Task<RolloutView> ResumeAsync(string by, string reason);

    /// <summary>Stops, and gives every device that was touched its previous assignment back.</summary>
    [Alias("abort")]
    Task<RolloutView> AbortAsync(string by, string reason);

    /// <summary>null: no such rollout.</summary>
    [Alias("get")]
    Task<RolloutView?> GetAsync();
}

/// <summary>The ids of all rollouts, oldest first. Key: <see cref="Default"/>.</summary>
[Alias("mlops.rollout-catalog")]
public interface IRolloutCatalogGrain : IGrainWithStringKey
{
    const string Default = "default";

    /// <summary>
    /// Lists the rollout and makes it the model's running one, if none is. The catalog is the arbiter: one rollout per model at a time.
    /// </summary>
    /// <returns>The rollout that holds the model now: <paramref name="rollout"/> itself, or the one that stands in its way.</returns>
    [Alias("claim")]
    Task<string> ClaimAsync(string rollout, string model);

    /// <summary>Ends the rollout's hold of its model; a no-op when it has none.</summary>
    [Alias("release")]
    Task ReleaseAsync(string rollout);

    /// <summary>The rollouts that hold a model, ordered by model.</summary>
    [Alias("running")]
    Task<string[]> RunningAsync();

    /// <param name="model">null: of every model.</param>
    [Alias("list")]
    Task<string[]> ListAsync(string? model);
}

[GenerateSerializer, Immutable, Alias("mlops.rollout-plan")]
public sealed record RolloutPlan
{
    [Id(0)] public required string Model { get; init; }
    [Id(1)] public required int Version { get; init; }

    /// <summary>Empty: the configured default for the size of the fleet.</summary>
    [Id(2)] public WavePlan[] Waves { get; init; } = [];

    /// <summary>Which devices; of the model's machine kind in any case.</summary>
    [Id(3)] public string? Group { get; init; }
    [Id(4)] public required DateTimeOffset StartedAt { get; init; }
    [Id(5)] public string Because { get; init; } = "";

    /// <summary>A champion goes on predicting as shadow on devices that have moved to the new version.</summary>
    [Id(6)] public bool KeepPreviousAsShadow { get; init; } = true;
}

public enum WaveMode
{
    /// <summary>The new version predicts beside the active one; nothing depends on it.</summary>
    Shadow = 0,

    /// <summary>The new version is active.</summary>
    Active = 1,
}

/// <param name="Fraction">Of the devices, cumulative: wave k brings the total to this share (at least one more device for an active wave over new ground).</param>
/// <param name="Soak">How long a wave is watched after its devices have settled, in device time.</param>
/// <param name="Deadline">Devices that have not settled by then count as unknown.</param>
[GenerateSerializer, Immutable, Alias("mlops.wave-plan")]
public sealed record WavePlan([property: Id(0)] WaveMode Mode, [property: Id(1)] double Fraction, [property: Id(2)] TimeSpan Soak, [property: Id(3)] TimeSpan Deadline);

public enum RolloutState { Draft = 0, WaitingForApproval = 1, Running = 2, Paused = 3, Aborted = 4, Finished = 5 }

public enum WaveState { Scheduled = 0, Running = 1, Soaking = 2, Passed = 3, Failed = 4 }

[GenerateSerializer, Immutable, Alias("mlops.rollout-view")]
public sealed record RolloutView
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required RolloutPlan Plan { get; init; }
    [Id(2)] public required RolloutState State { get; init; }
    [Id(3)] public required WaveView[] Waves { get; init; }

    /// <summary>Why it is where it is, in plain words.</summary>
    [Id(4)] public string Reason { get; init; } = "";
    [Id(5)] public int? PreviousVersion { get; init; }
    [Id(6)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Devices that no later wave touches, each with the reason it gave; ordered by id.</summary>
    [Id(7)] public QuarantinedDevice[] Quarantine { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("mlops.quarantined-device")]
public sealed record QuarantinedDevice([property: Id(0)] string Device, [property: Id(1)] string Reason);

[GenerateSerializer, Immutable, Alias("mlops.wave-view")]
public sealed record WaveView
{
    [Id(0)] public required int Number { get; init; }
    [Id(1)] public required WaveMode Mode { get; init; }
    [Id(2)] public required WaveState State { get; init; }
    [Id(3)] public required string[] Devices { get; init; }
    /// <summary>The three counts follow the devices until the rollout ends, so that a late one is counted; <c>wave-decided</c> events keep them as they were decided on.</summary>
    [Id(4)] public int Succeeded { get; init; }
    [Id(5)] public int Failed { get; init; }

    /// <summary>Offline, silent or unsettled: neither good nor bad.</summary>
    [Id(6)] public int Unknown { get; init; }
    [Id(7)] public DateTimeOffset? StartedAt { get; init; }
    [Id(8)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The gate's evidence, line by line.</summary>
    [Id(9)] public GateEvidence[] Evidence { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("mlops.gate-evidence")]
public sealed record GateEvidence([property: Id(0)] string Gate, [property: Id(1)] bool Passed, [property: Id(2)] string Detail);

/// <summary>What was asked of a rollout cannot be. The message says why and what can.</summary>
[GenerateSerializer, Alias("mlops.invalid-rollout")]
public sealed class InvalidRolloutException(string message) : Exception(message);
