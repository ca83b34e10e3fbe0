using Orleans.Concurrency;

namespace MlOps.Edge.Cloud.Training;

/// <summary>One training run: snapshot → train → judge → gate. It works beside the grain, never in its turn. Key: the run id.</summary>
[Alias("mlops.training-run")]
public interface ITrainingRunGrain : IGrainWithStringKey
{
    /// <summary>Starts the run; again is a no-op. A run that a crash cut short starts over when it is next asked for.</summary>
    [Alias("start")]
    Task StartAsync(TrainingOrder order);

    /// <exception cref="TrainingRunNotFoundException">It was never started.</exception>
    [Alias("get")]
    Task<TrainingRunView> GetAsync();

    /// <summary>
    /// Completes when the run is no longer queued or running, or after <paramref name="atMost"/> with the run as it then is.
    /// Keep that below the cluster's response timeout (30 s unless configured) and ask again.
    /// </summary>
    /// <exception cref="TrainingRunNotFoundException">It was never started.</exception>
    [AlwaysInterleave, Alias("wait")]
    Task<TrainingRunView> WaitAsync(TimeSpan atMost);

    /// <summary>The worker has come to a step.</summary>
    [Alias("progress")]
    Task ProgressAsync(string step, string detail);

    /// <summary>The worker is done: the view says how. Again is a no-op.</summary>
    [Alias("complete")]
    Task CompleteAsync(TrainingRunView result);
}

/// <param name="Watermark">Frames up to this device time belong to the snapshot.</param>
/// <param name="Champion">The version to judge against; null: none yet.</param>
/// <param name="Trainer">A trainer's name; null: the configured default.</param>
/// <param name="Since">
/// The fleet has been another one since then (a drift verdict's beginning): the drift reference is made of the units that lived
/// mostly after it. Null: of all units.
/// </param>
/// <param name="After">The run before this one, blessed or not: units that taught or judged in it do so for ever. Null: the first.</param>
/// <param name="Head">How far the stores had come when the run was ordered; null: the run notes it when it is started.</param>
[GenerateSerializer, Immutable, Alias("mlops.training-order")]
public sealed record TrainingOrder(
    [property: Id(0)] string Model, [property: Id(1)] DateTimeOffset Watermark, [property: Id(2)] int? Champion, [property: Id(3)] string? Trainer, [property: Id(4)] long Seed, [property: Id(5)] string Because,
    [property: Id(6)] DateTimeOffset? Since = null, [property: Id(7)] string? After = null,
    [property: Id(8)] DataHead? Head = null);

/// <summary>queued → running → succeeded or failed.</summary>
public enum TrainingRunState { Queued = 0, Running = 1, Succeeded = 2, Failed = 3 }

[GenerateSerializer, Immutable, Alias("mlops.training-run-view")]
public sealed record TrainingRunView
{
    [Id(0)] public required string Run { get; init; }
    [Id(1)] public required TrainingOrder Order { get; init; }
    [Id(2)] public required TrainingRunState State { get; init; }
    [Id(3)] public string? Step { get; init; }
    [Id(4)] public string? Error { get; init; }
    [Id(5)] public string? Snapshot { get; init; }
    [Id(6)] public string? Trainer { get; init; }
    [Id(7)] public long Rows { get; init; }

    /// <summary>Ids of the units whose windows it learned from.</summary>
    [Id(8)] public string[] TrainUnits { get; init; } = [];

    /// <summary>Ids of the units that the interval was calibrated on. By cross-fitting these are the training units, each seen by a model that had not seen it.</summary>
    [Id(9)] public string[] CalibrateUnits { get; init; } = [];

    /// <summary>Ids of the held-out units.</summary>
    [Id(10)] public string[] JudgeUnits { get; init; } = [];
    [Id(11)] public Dictionary<string, double> Metrics { get; init; } = [];

    /// <summary>Passed the gate.</summary>
    [Id(12)] public bool Blessed { get; init; }

    /// <summary>Why it was blessed or not, in plain words.</summary>
    [Id(13)] public string Reason { get; init; } = "";

    [Id(14)] public GateRow[] Gate { get; init; } = [];

    /// <summary>Digest of the ONNX file, blessed or not; null while there is none.</summary>
    [Id(15)] public string? Onnx { get; init; }

    /// <summary>What the registry needs if it is blessed.</summary>
    [Id(16)] public Registry.VersionDraft? Draft { get; init; }
}

/// <summary>One line of the gate's table: challenger against champion on one slice of the held-out units.</summary>
[GenerateSerializer, Immutable, Alias("mlops.gate-row")]
public sealed record GateRow(
    [property: Id(0)] string Slice, [property: Id(1)] string Measure, [property: Id(2)] double Challenger, [property: Id(3)] double? Champion, [property: Id(4)] int Units, [property: Id(5)] string Rule, [property: Id(6)] bool Passed);

/// <summary>No run of that id was ever started.</summary>
[GenerateSerializer, Alias("mlops.training-run-not-found")]
public sealed class TrainingRunNotFoundException(string message) : Exception(message);
