namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>The loop of one model: drift → cause → retrain → gate → waves → promote or revert. Key: the model's name.</summary>
[Alias("mlops.lifecycle")]
public interface ILifecycleGrain : IGrainWithStringKey
{
    /// <summary>Takes the model into the loop: trains its first version from what is labelled so far. Again is a no-op.</summary>
    /// <exception cref="Registry.ModelConflictException">There is no such model.</exception>
    /// <exception cref="Registry.InvalidModelException">No trainer has that name.</exception>
    [Alias("begin")]
    Task BeginAsync(LifecycleOrder order);

    /// <summary>One turn at a watermark over the fleet's data: reads the drift room, moves the table of states, ticks its rollout.</summary>
    [Alias("tick")]
    Task<LifecycleView> TickAsync(DateTimeOffset watermark);

    [Alias("get")]
    Task<LifecycleView> GetAsync();
}

/// <param name="Seed">Seeds every training run of this model.</param>
/// <param name="TrainingTime">
/// Device time that a training run is declared to take: lives go on meanwhile, and its result takes effect this much after its start.
/// Zero: as soon as it is done.
/// </param>
/// <param name="Cohort">Failures since the verdict that a retraining waits for; 0: the configured default.</param>
[GenerateSerializer, Immutable, Alias("mlops.lifecycle-order")]
public sealed record LifecycleOrder([property: Id(0)] long Seed, [property: Id(1)] TimeSpan TrainingTime, [property: Id(2)] string? Trainer = null, [property: Id(3)] int Cohort = 0);

public enum LifecycleState
{
    /// <summary>Not in the loop.</summary>
    Idle = 0,

    /// <summary>A first version, or a new one, is being trained and judged.</summary>
    Training = 1,
    RollingOut = 2,
    Monitoring = 3,

    /// <summary>The fleet has moved; labels are being gathered.</summary>
    Gathering = 4,
}

[GenerateSerializer, Immutable, Alias("mlops.lifecycle-view")]
public sealed record LifecycleView
{
    [Id(0)] public required string Model { get; init; }
    [Id(1)] public required LifecycleState State { get; init; }

    /// <summary>Why, in plain words.</summary>
    [Id(2)] public string Reason { get; init; } = "";
    [Id(3)] public string? Run { get; init; }
    [Id(4)] public string? Rollout { get; init; }
    [Id(5)] public DateTimeOffset? Since { get; init; }
    [Id(6)] public LifecycleOrder? Order { get; init; }

    /// <summary>Runs so far, oldest first.</summary>
    [Id(7)] public string[] Runs { get; init; } = [];

    /// <summary>A training run whose declared time is over while it still works: whoever owns the clock waits for it, then ticks the same watermark again.</summary>
    [Id(8)] public string? Awaits { get; init; }
}
