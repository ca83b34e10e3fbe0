namespace MlOps.Edge.Cloud.Drift;

/// <summary>
/// Watches one model in the field. It pulls sketches, predictions and maintenance events behind bookmarks that are saved
/// in the same write as its sums, so nothing counts twice and the ingest path never waits for it. Key: the model's name.
/// </summary>
[Alias("mlops.drift")]
public interface IDriftGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes in all that is stored up to the watermark and says what it means. The same watermark again gives the same answer.
    /// Milliseconds; but seconds where a new champion, or a fleet that has grown, needs new limits.
    /// </summary>
    [ResponseTimeout("00:05:00"), Alias("evaluate")]
    Task<DriftStatus> EvaluateAsync(DateTimeOffset watermark);

    [Alias("get")]
    Task<DriftStatus> GetAsync();

    /// <summary>Finished units with the error of each version that predicted them, oldest first.</summary>
    [Alias("units")]
    Task<UnitScoreView[]> GetUnitScoresAsync();
}

/// <summary>no-drift, possible-drift, drift, insufficient-data.</summary>
public enum DriftVerdictKind { InsufficientData = 0, NoDrift = 1, PossibleDrift = 2, Drift = 3 }

/// <summary>What moved.</summary>
public enum DriftCause { None = 0, Fleet = 1, Device = 2 }

[GenerateSerializer, Immutable, Alias("mlops.drift-status")]
public sealed record DriftStatus
{
    [Id(0)] public required string Model { get; init; }

    /// <summary>The version whose reference counts; 0: no champion yet.</summary>
    [Id(1)] public int Version { get; init; }
    [Id(2)] public DateTimeOffset? Watermark { get; init; }

    /// <summary>The fleet's verdict.</summary>
    [Id(3)] public DriftVerdictView Fleet { get; init; } = DriftVerdictView.Unknown;

    /// <summary>Devices whose sensors are at fault, each with its channels.</summary>
    [Id(4)] public DriftVerdictView[] Devices { get; init; } = [];

    /// <summary>Per channel, the newest score over its threshold: 1 and more is drift.</summary>
    [Id(5)] public ChannelScore[] Channels { get; init; } = [];

    [Id(6)] public FieldErrorView[] Field { get; init; } = [];

    /// <summary>Probability of any false verdict, of the fleet or of a device, over the horizon that the thresholds are calibrated to.</summary>
    [Id(7)] public double FalseAlarmBudget { get; init; }

    /// <summary>That horizon: devices times the cycles that one version is expected to be watched.</summary>
    [Id(9)] public long HorizonDeviceCycles { get; init; }

    /// <summary>Failures recorded since the fleet's verdict became drift: the cohort that a new model can learn from.</summary>
    [Id(8)] public int LabelledSinceVerdict { get; init; }
}

[GenerateSerializer, Immutable, Alias("mlops.drift-verdict")]
public sealed record DriftVerdictView
{
    [Id(0)] public required DriftVerdictKind Verdict { get; init; }
    [Id(1)] public DriftCause Cause { get; init; }
    [Id(2)] public string? Detector { get; init; }
    [Id(3)] public string[] Channels { get; init; } = [];
    [Id(4)] public string[] Devices { get; init; } = [];
    [Id(5)] public DateTimeOffset? Since { get; init; }
    [Id(6)] public string Evidence { get; init; } = "";

    public static DriftVerdictView Unknown { get; } = new() { Verdict = DriftVerdictKind.InsufficientData };
}

[GenerateSerializer, Immutable, Alias("mlops.channel-score")]
public sealed record ChannelScore([property: Id(0)] string Channel, [property: Id(1)] string Detector, [property: Id(2)] double Score, [property: Id(3)] double Threshold);

/// <summary>How one version did on the units that have ended, units weighted equally, truth and prediction min(·, cap).</summary>
[GenerateSerializer, Immutable, Alias("mlops.field-error")]
public sealed record FieldErrorView([property: Id(0)] int Version, [property: Id(1)] int Units, [property: Id(2)] double Rmse, [property: Id(3)] double Coverage, [property: Id(4)] double MeanWidth);

/// <param name="Role">active or shadow at the time; a unit may have both.</param>
/// <param name="Windows">Predictions scored.</param>
[GenerateSerializer, Immutable, Alias("mlops.unit-score")]
public sealed record UnitScoreView(
    [property: Id(0)] string Unit, [property: Id(1)] string Device, [property: Id(2)] int Version, [property: Id(3)] DateTimeOffset EndedAt, [property: Id(4)] long Lifetime,
    [property: Id(5)] long Windows, [property: Id(6)] double SumSquaredError, [property: Id(7)] long Covered, [property: Id(8)] double SumWidth);
