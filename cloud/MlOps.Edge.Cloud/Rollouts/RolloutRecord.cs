using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>A rollout as it lives: the compiled plan, where it stands, and the work that its last step still owes.</summary>
[GenerateSerializer, Alias("mlops.rollout-record")]
internal sealed record RolloutRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required RolloutPlan Plan { get; init; }
    [Id(2)] public required AssignedModel Target { get; init; }

    /// <summary>The champion when it started; null: there was none, or it is the target itself.</summary>
    [Id(3)] public AssignedModel? Champion { get; init; }
    [Id(4)] public RolloutState State { get; init; } = RolloutState.Running;
    [Id(5)] public required Wave[] Waves { get; init; }

    /// <summary>Every device that was given something, ordered by id.</summary>
    [Id(6)] public TouchedDevice[] Touched { get; init; } = [];
    [Id(7)] public string Reason { get; init; } = "";
    [Id(8)] public required DateTimeOffset Watermark { get; init; }
    [Id(9)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Counts the steps, so that each event has an id of its own that a repeat finds again.</summary>
    [Id(10)] public int Step { get; init; }

    /// <summary>Saved with the state that asks for it and cleared when done: a crash in between does it again. Null: nothing owed.</summary>
    [Id(11)] public RolloutWork? Owed { get; init; }

    [Id(12)] public required TimeSpan SampleInterval { get; init; }
    [Id(13)] public required double RulCap { get; init; }

    /// <summary>The champion itself goes round again.</summary>
    [Id(14)] public bool TargetIsChampion { get; init; }

    public bool Ended => State is RolloutState.Aborted or RolloutState.Finished;

    /// <summary>The wave that is worked on: the first that is not decided. Null when none is left.</summary>
    public Wave? Current => Waves.FirstOrDefault(w => w.State is not (WaveState.Passed or WaveState.Failed));

    public TouchedDevice? Touch(string device) => Touched.FirstOrDefault(t => t.Device == device);

    public RolloutRecord With(Wave wave) => this with { Waves = [.. Waves.Select(w => w.Number == wave.Number ? wave : w)] };
}

[GenerateSerializer, Alias("mlops.rollout-wave")]
internal sealed record Wave
{
    [Id(0)] public required int Number { get; init; }
    [Id(1)] public required WaveMode Mode { get; init; }
    [Id(2)] public required string[] Devices { get; init; }
    [Id(3)] public required TimeSpan Soak { get; init; }
    [Id(4)] public required TimeSpan Deadline { get; init; }
    [Id(5)] public WaveState State { get; init; }
    [Id(6)] public DateTimeOffset? StartedAt { get; init; }
    [Id(7)] public DateTimeOffset? SettledAt { get; init; }
    [Id(8)] public DateTimeOffset? EndedAt { get; init; }
    [Id(9)] public int Succeeded { get; init; }
    [Id(10)] public int Failed { get; init; }
    [Id(11)] public int Unknown { get; init; }
    [Id(12)] public GateEvidence[] Evidence { get; init; } = [];
}

/// <param name="Before">Its desired state before the rollout first touched it: what it gets back. Null: none.</param>
/// <param name="Epoch">The desired epoch of the newest assignment of this rollout; 0 until the device grain has taken it.</param>
/// <param name="Quarantine">Why no later wave touches it; null: it may go on.</param>
[GenerateSerializer, Alias("mlops.touched-device")]
internal sealed record TouchedDevice(
    [property: Id(0)] string Device, [property: Id(1)] WaveMode Mode, [property: Id(2)] Assignment? Before, [property: Id(3)] long Epoch, [property: Id(4)] string? Quarantine);

/// <summary>What a step has to do once its state is saved. Every part may be done twice.</summary>
[GenerateSerializer, Alias("mlops.rollout-work")]
internal sealed record RolloutWork
{
    [Id(0)] public DeviceOrder[] Assign { get; init; } = [];
    [Id(1)] public AliasOrder[] Aliases { get; init; } = [];
    [Id(2)] public EventOrder[] Events { get; init; } = [];

    /// <summary>The model is free for the next rollout.</summary>
    [Id(3)] public bool Release { get; init; }
}

[GenerateSerializer, Alias("mlops.rollout-device-order")]
internal sealed record DeviceOrder([property: Id(0)] string Device, [property: Id(1)] Assignment Assignment);

/// <param name="OnlyFrom">Move it only if it stands on this version; null: whatever it stands on.</param>
[GenerateSerializer, Alias("mlops.rollout-alias-order")]
internal sealed record AliasOrder([property: Id(0)] string Alias, [property: Id(1)] int? Version, [property: Id(2)] string Reason, [property: Id(3)] int? OnlyFrom = null);

/// <param name="Data">A JSON object.</param>
[GenerateSerializer, Alias("mlops.rollout-event-order")]
internal sealed record EventOrder([property: Id(0)] string Id, [property: Id(1)] string Kind, [property: Id(2)] string Data);
