namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>
/// Predictions taken from the telemetry store behind a bookmark. It is only written together with a step of the rollout: what was read
/// in between and lost in a crash is read again from the bookmark, so nothing counts twice and nothing is missed.
/// </summary>
[GenerateSerializer, Alias("mlops.rollout-evidence")]
internal sealed record EvidenceRecord
{
    /// <summary>Position in the telemetry store up to which everything is taken in; null: not begun.</summary>
    [Id(0)] public long? Bookmark { get; init; }

    [Id(1)] public PredictionSample[] Samples { get; init; } = [];

    /// <summary>Per unit the newest frame whose time is known: it dates predictions that come without their readings.</summary>
    [Id(2)] public UnitClock[] Clocks { get; init; } = [];
}

/// <param name="Time">Device time of the window's last frame.</param>
[GenerateSerializer, Immutable, Alias("mlops.prediction-sample")]
internal readonly record struct PredictionSample(
    [property: Id(0)] string Device, [property: Id(1)] string Unit, [property: Id(2)] int Version, [property: Id(3)] long Frame, [property: Id(4)] DateTimeOffset Time,
    [property: Id(5)] float Rul, [property: Id(6)] float Lower, [property: Id(7)] float Upper);

[GenerateSerializer, Immutable, Alias("mlops.unit-clock")]
internal readonly record struct UnitClock([property: Id(0)] string Unit, [property: Id(1)] long Frame, [property: Id(2)] DateTimeOffset Time);
