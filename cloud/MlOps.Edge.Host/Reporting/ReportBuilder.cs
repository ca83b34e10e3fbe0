using System.Globalization;
using System.Text.Json;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Host.Reporting;

/// <summary>Works the report out of three books: the raw store, the rooms' event log, and the plant's own truth.</summary>
internal sealed class ReportBuilder(PlantTruth truth, FieldReplay replay, Chronicle chronicle, TelemetryTotals totals)
{
    private readonly ModelDefinition _definition = JsonSerializer.Deserialize(chronicle.Definition, ContractsJson.Default.ModelDefinition)!;

    private FieldScores Scores => ScoresOf();

    public static async Task<ReportBuilder> OpenAsync(
        PlantTruth truth, ITelemetryStore telemetry, IMaintenanceLog maintenance, IEventLog log, CancellationToken cancellationToken) => new(
            truth,
            await FieldReplay.LoadAsync(telemetry, maintenance, cancellationToken),
            await Chronicle.ReadAsync(log, truth.Calendar, cancellationToken),
            await telemetry.CountAsync(cancellationToken));

    public ModelDefinition Definition => _definition;

    public VirtualCalendar Calendar => truth.Calendar;

    public FieldReplay Field => replay;

    public Chronicle Chronicle => chronicle;

    /// <param name="said">What a version said of a unit; null: what devices said, as the store has it.</param>
    public FieldScores ScoresOf(Func<FieldUnit, int, IReadOnlyDictionary<long, FieldPrediction>>? said = null) => new(truth, replay, _definition.RulCap, said);

    private PlantStory Story => truth.Plan.Story;

    private string Change => Story.ChangeName;

    private IReadOnlyList<TrainingTale> Finished => [.. chronicle.Trainings.Where(t => t.Result is not null)];

    public ReportDocument Build(double seconds)
    {
        var drift = chronicle.Drift;
        var known = Known();
        var scored = Scores.Scored(known);
        var (first, second) = (Scores.Shared(scored, 1), Scores.Shared(scored, 2));
        var before = Scores.BeforeChange(1);
        var report = new ReportDocument
        {
            Seed = (int)Story.Seed,
            Source = truth.Plan.Source,
            Change = Change,
            ChangeCycle = Story.ChangeTick,
            Model = _definition.Name,
            Devices = truth.Plan.Devices,
            Cycles = Scores.Live.Max(u => truth.Calendar.CycleOf(u.TimeOf(u.LastFrame))) + 1,
            Seconds = Math.Round(seconds, 1),
            Readings = ReadingAudit.Of(truth, replay, totals.Duplicates),
            Models = [.. Finished.Select(Figures)],
            Rollouts = chronicle.Rollouts,
            Drift = drift,
            DetectionDelayCycles = drift.FirstOrDefault(Explained)?.Cycle - Story.ChangeTick,
            QuietDeviceCycles = QuietDeviceCycles(),
            FalseAlarms = drift.Count(d => d.Verdict == "drift" && !Explained(d)),
            FalseAlarmBudget = chronicle.FalseAlarmBudget,
            FalseAlarmHorizonDeviceCycles = chronicle.FalseAlarmHorizonDeviceCycles,
            FieldRmse = new()
            {
                V1Before = UnitErrors.Rmse(before),
                V1AfterChange = UnitErrors.Rmse(first),
                V2AfterChange = UnitErrors.Rmse(second),
                RatioUpper90 = UnitErrors.RatioUpper(second, first, 0.9),
                Units = scored.Count,
                Windows = first.Sum(e => e.Windows),
            },
            FieldCoverage90 = new(UnitErrors.Coverage(before), UnitErrors.Coverage(first), UnitErrors.Coverage(second)),
            Cohort = chronicle.Trainings.Count > 1 ? chronicle.CohortOf(chronicle.Trainings[1].Run) : null,
            ScoreCohort = Scores.Censoring(scored, known),
            Units = Uses(scored),
            LoopClosed = false,
            AsExpected = false,
            Expectations = [],
        };
        var expectations = Reporting.Expectations.Of(report);
        var met = expectations.All(e => e.Met);
        return report with { Expectations = expectations, AsExpected = met, LoopClosed = met && Change == "new-fault" };
    }

    // A verdict is explained by what really happened: the fleet by machines of a new kind or bookings that are not true, to a
    // version that was there before them; a device by its own bad sensor; neither before it happened.
    private bool Explained(DriftFigures drift) => drift is { Verdict: "drift", Version: 1 } && Story.ChangeTick is { } change && drift.Cycle >= change && (Change, drift.Cause) switch
    {
        ("new-fault" or "bad-retrain", "fleet") => true,
        ("one-device", "device") => Story.Fault is { } fault && drift.Devices is [var device] && device == fault.Device && drift.Channels.Contains(fault.Channel),
        _ => false,
    };

    private HashSet<string> Known() => [.. Finished.Select(t => t.Result!).SelectMany(r => r.Train.Concat(r.Calibrate).Concat(r.Judge))];

    private UnitUses Uses(IReadOnlyList<FieldUnit> scored)
    {
        var results = Finished.Select(t => t.Result!).ToList();
        IReadOnlyList<string> All(Func<TrainingResultTale, IReadOnlyList<string>> side) => Sorted(results.SelectMany(side).Distinct());
        return new(
            All(r => r.Train), All(r => r.Calibrate), All(r => r.Judge),
            [.. Scores.Live.Select(u => u.Id.ToString())], [.. scored.Select(u => u.Id.ToString())], Origins());
    }

    private static IReadOnlyList<string> Sorted(IEnumerable<string> units) => [.. units.OrderBy(unit => UnitRef.Parse(unit))];

    private SortedDictionary<string, string> Origins() => new(
        truth.Plan.History.Select(h => (h.Unit, h.Origin)).Concat(Story.Stints.Select(s => (Unit: $"{s.Asset}#{s.Installation}", Origin: s.Unit)))
            .ToDictionary(u => u.Unit, u => u.Origin), StringComparer.Ordinal);

    private ModelFigures Figures(TrainingTale tale)
    {
        var result = tale.Result!;
        var all = result.Version is { } version ? Scores.All(version) : [];
        var quiet = result.Version == 1 ? Scores.BeforeChange(1) : all;
        return new()
        {
            Version = result.Version,
            Run = tale.Run,
            Digest = result.Onnx,
            Trainer = result.Trainer,
            Rows = result.Rows,
            Units = result.Train.Count,
            TrainUnits = Sorted(result.Train),
            JudgeUnits = Sorted(result.Judge),
            JudgedRmse = result.JudgedRmse,
            ChampionRmse = result.ChampionRmse,
            FieldRmse = UnitErrors.Rmse(all),
            FieldCoverage90 = UnitErrors.Coverage(quiet),
            FieldIntervalWidth = UnitErrors.MeanWidth(quiet),
            Blessed = result.Blessed,
            Reason = result.Reason,
        };
    }

    private long QuietDeviceCycles() => Scores.Live.Sum(u =>
        (long)u.Frames.Count(frame => Story.ChangeTick is not { } change || truth.Calendar.CycleOf(u.TimeOf(frame)) < change));
}
