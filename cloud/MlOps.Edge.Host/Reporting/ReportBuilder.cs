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
    // A window count below which a unit says nothing of a version.
    private const int FewestWindows = 10;

    private readonly ModelDefinition _definition = JsonSerializer.Deserialize(chronicle.Definition, ContractsJson.Default.ModelDefinition)!;

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

    private PlantStory Story => truth.Plan.Story;

    private string Change => JsonNamingPolicy.KebabCaseLower.ConvertName(Story.Change);

    private IReadOnlyList<TrainingTale> Finished => [.. chronicle.Trainings.Where(t => t.Result is not null)];

    public ReportDocument Build(double seconds)
    {
        var drift = chronicle.Drift;
        var uses = Uses();
        var rmse = Rmse(uses.Score);
        var report = new ReportDocument
        {
            Seed = (int)Story.Seed,
            Source = truth.Plan.Source,
            Change = Change,
            ChangeCycle = Story.ChangeTick,
            Model = _definition.Name,
            Devices = truth.Plan.Devices,
            Cycles = replay.Units.Where(IsLive).Max(u => truth.Calendar.CycleOf(u.TimeOf(u.LastFrame))) + 1,
            Seconds = Math.Round(seconds, 1),
            Readings = new(truth.ProducedReadings, replay.StoredReadings, replay.DuplicateReadings, truth.ProducedReadings - replay.StoredReadings, totals.Duplicates),
            Models = [.. Finished.Select(Figures)],
            Rollouts = chronicle.Rollouts,
            Drift = drift,
            DetectionDelayCycles = drift.FirstOrDefault(Explained)?.Cycle - Story.ChangeTick,
            QuietDeviceCycles = QuietDeviceCycles(),
            FalseAlarms = drift.Count(d => d.Verdict == "drift" && !Explained(d)),
            FalseAlarmBudget = chronicle.FalseAlarmBudget,
            FieldRmse = rmse,
            Cohort = chronicle.Trainings.Count > 1 ? chronicle.CohortOf(chronicle.Trainings[1].Run) : null,
            Units = uses,
            LoopClosed = false,
            AsExpected = false,
            Expectations = [],
        };
        var expectations = Reporting.Expectations.Of(report);
        var met = expectations.All(e => e.Met);
        return report with { Expectations = expectations, AsExpected = met, LoopClosed = met && Change == "new-fault" };
    }

    /// <summary>Windows on which both versions predicted, of a unit that has failed.</summary>
    public static IEnumerable<long> SharedWindows(FieldUnit unit) => unit.PredictionsOf(1).Keys.Where(unit.PredictionsOf(2).ContainsKey);

    public bool IsLive(FieldUnit unit) => Story.Stints.Any(s => s.Asset == unit.Id.Asset.ToString());

    // A verdict is explained by what really happened: the fleet by machines of a new kind or bookings that are not true,
    // a device by its own bad sensor; neither before it happened.
    private bool Explained(DriftFigures drift) => drift.Verdict == "drift" && Story.ChangeTick is { } change && drift.Cycle >= change && (Change, drift.Cause) switch
    {
        ("new-fault" or "bad-retrain", "fleet") => true,
        ("one-device", "device") => Story.Fault is { } fault && drift.Devices is [var device] && device == fault.Device && drift.Channels.Contains(fault.Channel),
        _ => false,
    };

    private UnitUses Uses()
    {
        var results = Finished.Select(t => t.Result!).ToList();
        List<string> All(Func<TrainingResultTale, IReadOnlyList<string>> side) => [.. results.SelectMany(side).Distinct().OrderBy(unit => UnitRef.Parse(unit))];
        var (train, calibrate, judge) = (All(r => r.Train), All(r => r.Calibrate), All(r => r.Judge));
        var known = train.Concat(calibrate).Concat(judge).ToHashSet(StringComparer.Ordinal);
        var live = replay.Units.Where(IsLive).ToList();
        var score = live.Where(u => u.Failed && !known.Contains(u.Id.ToString()) && Story.ChangeTick is { } change && truth.Calendar.CycleOf(u.End!.At) > change
            && SharedWindows(u).Skip(FewestWindows - 1).Any());
        return new(train, calibrate, judge, [.. live.Select(u => u.Id.ToString())], [.. score.Select(u => u.Id.ToString())], Origins());
    }

    private SortedDictionary<string, string> Origins() => new(
        truth.Plan.History.Select(h => (h.Unit, h.Origin)).Concat(Story.Stints.Select(s => (Unit: $"{s.Asset}#{s.Installation}", Origin: s.Unit)))
            .ToDictionary(u => u.Unit, u => u.Origin), StringComparer.Ordinal);

    private FieldRmse Rmse(IReadOnlyList<string> score)
    {
        var chosen = replay.Units.Where(u => score.Contains(u.Id.ToString())).ToList();
        List<UnitError> Errors(int version) => [.. chosen.Select(u => UnitError.Of(u, version, _definition.RulCap, SharedWindows(u).ToHashSet().Contains)!)];
        var (first, second) = (Errors(1), Errors(2));
        return new()
        {
            V1Before = UnitErrors.Rmse(BeforeChange(1)),
            V1AfterChange = UnitErrors.Rmse(first),
            V2AfterChange = UnitErrors.Rmse(second),
            RatioUpper90 = UnitErrors.RatioUpper(second, first, 0.9),
            Units = chosen.Count,
            Windows = first.Sum(e => e.Windows),
        };
    }

    // What the field had shown by then: units whose failure was recorded before the change, with all that was predicted for them.
    private List<UnitError> BeforeChange(int version) => Errors(version, EndedBeforeChange);

    private bool EndedBeforeChange(FieldUnit unit) => unit.Failed && (Story.ChangeTick is not { } change || truth.Calendar.CycleOf(unit.End!.At) < change);

    // Bookings that are not true are no truth to score against.
    private bool HonestFailure(FieldUnit unit) => Change == "bad-retrain" ? EndedBeforeChange(unit) : unit.Failed;

    private List<UnitError> Errors(int version, Func<FieldUnit, bool> which) =>
    [
        .. replay.Units.Where(u => IsLive(u) && which(u))
            .Select(u => UnitError.Of(u, version, _definition.RulCap))
            .Where(e => e is not null && e.Windows >= FewestWindows).Select(e => e!),
    ];

    private ModelFigures Figures(TrainingTale tale)
    {
        var result = tale.Result!;
        var all = result.Version is { } version ? Errors(version, HonestFailure) : [];
        var quiet = result.Version == 1 ? BeforeChange(1) : all;
        return new()
        {
            Version = result.Version,
            Run = tale.Run,
            Digest = result.Onnx,
            Trainer = result.Trainer,
            Rows = result.Rows,
            Units = result.Train.Count,
            JudgedRmse = result.JudgedRmse,
            FieldRmse = UnitErrors.Rmse(all),
            FieldCoverage90 = UnitErrors.Coverage(quiet),
            FieldIntervalWidth = UnitErrors.MeanWidth(quiet),
            Blessed = result.Blessed,
            Reason = result.Reason,
        };
    }

    private long QuietDeviceCycles() => replay.Units.Where(IsLive).Sum(u =>
        (long)u.Frames.Count(frame => Story.ChangeTick is not { } change || truth.Calendar.CycleOf(u.TimeOf(frame)) < change));
}
