using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>What the drift grain knows. Bookmarks and what came of the pages before them are one write, so nothing counts twice.</summary>
[GenerateSerializer, Alias("mlops.drift-record")]
internal sealed record DriftRecord
{
    /// <summary>The champion that is watched; 0: none yet.</summary>
    [Id(0)] public int Version { get; init; }

    /// <summary>The last position of the telemetry store whose sketches were taken in.</summary>
    [Id(1)] public long Telemetry { get; init; }

    /// <summary>The last position of the maintenance log that was taken in.</summary>
    [Id(2)] public long Maintenance { get; init; }

    /// <summary>A <see cref="DriftState"/> against the champion's sketch specification; null: nothing yet.</summary>
    [Id(3)] public byte[]? Watch { get; init; }

    /// <summary>Limits for the champion's reference and the fleet's size, JSON; null: not drawn yet.</summary>
    [Id(4)] public string? Calibration { get; init; }

    /// <summary>Failures whose last frames are still on their way.</summary>
    [Id(5)] public AwaitedFailure[] Awaited { get; init; } = [];

    /// <summary>Oldest first, at most <see cref="MostScores"/>.</summary>
    [Id(6)] public UnitScoreView[] Scores { get; init; } = [];

    [Id(7)] public DriftStatus? Status { get; init; }

    /// <summary>Numbers the changes of verdict, for the ids of their events.</summary>
    [Id(8)] public int Changes { get; init; }

    [Id(9)] public UntoldEvent[] Untold { get; init; } = [];

    /// <summary>When the scores were last told; null: never.</summary>
    [Id(10)] public DateTimeOffset? Looked { get; init; }

    public const int MostScores = 5_000;
}

/// <param name="Unit"><c>asset#installation</c>.</param>
/// <param name="Frame">The last frame it lived.</param>
[GenerateSerializer, Immutable, Alias("mlops.awaited-failure")]
internal sealed record AwaitedFailure([property: Id(0)] string Unit, [property: Id(1)] long Frame, [property: Id(2)] DateTimeOffset At);
