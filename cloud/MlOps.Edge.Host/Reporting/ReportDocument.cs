using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Host.Reporting;

/// <summary>
/// What a run of the loop came to: <c>report.json</c>, snake_case. A cycle is one sample interval of virtual time, counted from
/// the moment that the fleet went into service. Errors are root mean squares in cycles; truth and prediction are both min(·, cap).
/// </summary>
public sealed record ReportDocument
{
    public required int Seed { get; init; }

    /// <summary>Where the machines came from: a folder of recordings, or the built-in plant simulator.</summary>
    public required string Source { get; init; }

    /// <summary>What was changed in the world: new-fault, none, one-device, bad-retrain.</summary>
    public required string Change { get; init; }

    /// <summary>The cycle at which the world changed; null where it did not. Only the plant and this report know it.</summary>
    public long? ChangeCycle { get; init; }

    public required string Model { get; init; }

    public required int Devices { get; init; }

    /// <summary>Cycles that the fleet was in service.</summary>
    public required long Cycles { get; init; }

    /// <summary>Wall time.</summary>
    public required double Seconds { get; init; }

    public required ReadingCounts Readings { get; init; }

    public required IReadOnlyList<ModelFigures> Models { get; init; }

    public required IReadOnlyList<RolloutFigures> Rollouts { get; init; }

    public required IReadOnlyList<DriftFigures> Drift { get; init; }

    /// <summary>From the change to the first drift verdict of the expected cause; null: none came.</summary>
    public long? DetectionDelayCycles { get; init; }

    /// <summary>Cycles that all devices lived before the change; where nothing changes, all of them.</summary>
    public required long QuietDeviceCycles { get; init; }

    /// <summary>Drift verdicts, of the fleet or of a device, that nothing in the world explains.</summary>
    public required int FalseAlarms { get; init; }

    /// <summary>Probability of any false verdict, of the fleet or of a device, over the horizon that the thresholds are calibrated to.</summary>
    public required double FalseAlarmBudget { get; init; }

    /// <summary>That horizon: devices times the cycles that one version is expected to be watched.</summary>
    public required long FalseAlarmHorizonDeviceCycles { get; init; }

    public required FieldRmse FieldRmse { get; init; }

    /// <summary>Coverage of the nominal 90 % interval, units weighted equally, on the windows of the field errors.</summary>
    [JsonPropertyName("field_coverage_90")]
    public required FieldCoverage FieldCoverage90 { get; init; }

    /// <summary>How long units lived whose failure a retraining could learn from, against those still running then.</summary>
    public CohortLifetimes? Cohort { get; init; }

    /// <summary>How long the units lived on which the versions are compared, against those still running at the end.</summary>
    public CohortLifetimes? ScoreCohort { get; init; }

    public required UnitUses Units { get; init; }

    /// <summary>Drift, cause, retraining, gate, waves, promotion, and a field error that fell, with nothing lost.</summary>
    public required bool LoopClosed { get; init; }

    /// <summary>The run ended as <see cref="Change"/> says that it should; the exit code is 0 only then.</summary>
    public required bool AsExpected { get; init; }

    /// <summary>What was expected and what was seen, line by line.</summary>
    public required IReadOnlyList<Expectation> Expectations { get; init; }

    /// <summary>The run in one sentence, for whoever shows the report.</summary>
    [JsonIgnore]
    public string Outcome => (LoopClosed, AsExpected, Change) switch
    {
        (true, _, _) => "The loop closed",
        (_, _, "new-fault") => "The loop did not close",
        (_, true, _) => "The control ran as expected",
        _ => "The control did not run as expected",
    };
}

/// <param name="Produced">Values that agents committed, by the plant's own count.</param>
/// <param name="Stored">Values in the store, each frame of a unit counted once.</param>
/// <param name="Duplicates">Values stored more than once.</param>
/// <param name="Lost">Produced and not stored: frames of a unit that the plant's books have and the store has not.</param>
/// <param name="Unexpected">Stored and never produced: frames of a unit that the store has and the plant's books have not.</param>
/// <param name="Repeats">Batches that came again and were recognised.</param>
public sealed record ReadingCounts(long Produced, long Stored, long Duplicates, long Lost, long Unexpected, long Repeats);

public sealed record ModelFigures
{
    /// <summary>null: it was never registered.</summary>
    public int? Version { get; init; }
    public required string Run { get; init; }
    public string? Digest { get; init; }
    public string? Trainer { get; init; }
    public long Rows { get; init; }

    /// <summary>Units it was trained on.</summary>
    public int Units { get; init; }

    /// <summary>Those units.</summary>
    public IReadOnlyList<string> TrainUnits { get; init; } = [];

    /// <summary>Units held out from it, on which it was judged.</summary>
    public IReadOnlyList<string> JudgeUnits { get; init; } = [];
    public double? JudgedRmse { get; init; }

    /// <summary>What the champion of that time came to on the same held-out units; null: there was none.</summary>
    public double? ChampionRmse { get; init; }

    /// <summary>Over all its field predictions that have a truth, units weighted equally.</summary>
    public double? FieldRmse { get; init; }

    /// <summary>Coverage of the nominal 90 % interval, units weighted equally: of version 1 over the machines that went into service before the change, of later versions over all.</summary>
    [JsonPropertyName("field_coverage_90")]
    public double? FieldCoverage90 { get; init; }

    /// <summary>Mean width of that interval, in cycles.</summary>
    public double? FieldIntervalWidth { get; init; }
    public bool Blessed { get; init; }
    public string Reason { get; init; } = "";
}

public sealed record RolloutFigures(string Id, int Version, IReadOnlyList<WaveFigures> Waves, string Outcome, string Reason);

public sealed record WaveFigures(string Mode, int Size, int Succeeded, int Failed, int Unknown, bool Passed, long? StartedCycle, long? EndedCycle);

/// <param name="Cycle">When the verdict was given.</param>
/// <param name="Version">Of the model that was watched.</param>
public sealed record DriftFigures(long Cycle, int Version, string Verdict, string Cause, IReadOnlyList<string> Channels, IReadOnlyList<string> Devices, string Detector, string Evidence);

/// <summary>Both after-change figures are on the same windows of units that no model was trained, calibrated or judged on.</summary>
public sealed record FieldRmse
{
    [JsonPropertyName("v1_before")]
    public double? V1Before { get; init; }

    [JsonPropertyName("v1_after_change")]
    public double? V1AfterChange { get; init; }

    [JsonPropertyName("v2_after_change")]
    public double? V2AfterChange { get; init; }

    /// <summary>Upper 90 % bootstrap limit (units resampled) of v2_after_change / v1_after_change.</summary>
    [JsonPropertyName("ratio_upper_90")]
    public double? RatioUpper90 { get; init; }

    public int Units { get; init; }
    public long Windows { get; init; }
}

public sealed record FieldCoverage(
    [property: JsonPropertyName("v1_before")] double? V1Before,
    [property: JsonPropertyName("v1_after_change")] double? V1AfterChange,
    [property: JsonPropertyName("v2_after_change")] double? V2AfterChange);

/// <param name="Labelled">Units that have failed.</param>
/// <param name="LabelledMeanLifetime">In cycles.</param>
/// <param name="Running">Units still in service.</param>
/// <param name="RunningMeanAge">In cycles; 0: there are none.</param>
public sealed record CohortLifetimes(int Labelled, double LabelledMeanLifetime, int Running, double RunningMeanAge);

/// <param name="Train">Taught a model. Calibration is by cross-fitting: a unit calibrates only the models that did not see it.</param>
/// <param name="Score">Failed in the field after the change, predicted by both versions, and known to no model.</param>
/// <param name="Origins">Which machine of the source each unit is.</param>
public sealed record UnitUses(
    IReadOnlyList<string> Train, IReadOnlyList<string> Calibrate, IReadOnlyList<string> Judge, IReadOnlyList<string> Live, IReadOnlyList<string> Score,
    IReadOnlyDictionary<string, string> Origins);

public sealed record Expectation(string What, bool Met, string Seen);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    public static byte[] Write(ReportDocument report) => JsonSerializer.SerializeToUtf8Bytes(report, Default.ReportDocument);
}
