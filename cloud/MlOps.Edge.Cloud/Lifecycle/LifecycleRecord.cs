using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>The loop of one model as it lives, with the work that its last step still owes.</summary>
[GenerateSerializer, Alias("mlops.lifecycle-record")]
internal sealed record LifecycleRecord
{
    /// <summary>null: not taken into the loop.</summary>
    [Id(0)] public LifecycleOrder? Order { get; init; }
    [Id(1)] public LifecycleState State { get; init; }
    [Id(2)] public string Reason { get; init; } = "";
    [Id(3)] public DateTimeOffset? Since { get; init; }
    [Id(4)] public DateTimeOffset? Watermark { get; init; }

    /// <summary>Training runs, oldest first; while training, the last one is at work.</summary>
    [Id(5)] public string[] Runs { get; init; } = [];

    /// <summary>The newest rollout that the loop started.</summary>
    [Id(6)] public string? Rollout { get; init; }

    /// <summary>Cool-down: labels of the model's machines, in all, before another try; null: none.</summary>
    [Id(7)] public int? RetryAtLabels { get; init; }

    /// <summary>Device faults that were told of, each with its beginning, so that each is told of once.</summary>
    [Id(8)] public string[] ToldFaults { get; init; } = [];

    /// <summary>Counts the steps: each event has an id of its own that a repeat finds again.</summary>
    [Id(9)] public int Step { get; init; }
    [Id(10)] public LifecycleWork? Owed { get; init; }

    /// <summary>A run whose declared time is over while it still works.</summary>
    [Id(11)] public string? Awaits { get; init; }

    public string? Run => Runs is [.., var last] ? last : null;
}

/// <summary>What a step has to do once its state is saved. Every part may be done twice.</summary>
[GenerateSerializer, Alias("mlops.lifecycle-work")]
internal sealed record LifecycleWork
{
    [Id(0)] public LifecycleEvent[] Events { get; init; } = [];

    /// <summary>Start the newest run with this order.</summary>
    [Id(1)] public TrainingOrder? Train { get; init; }

    /// <summary>Register what the newest run made, and roll it out, for this reason.</summary>
    [Id(2)] public string? RollOutBecause { get; init; }
}

/// <param name="Data">A JSON object.</param>
[GenerateSerializer, Alias("mlops.lifecycle-event")]
internal sealed record LifecycleEvent([property: Id(0)] string Id, [property: Id(1)] string Subject, [property: Id(2)] string Kind, [property: Id(3)] string Data);
