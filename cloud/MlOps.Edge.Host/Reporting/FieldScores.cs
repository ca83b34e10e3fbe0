namespace MlOps.Edge.Host.Reporting;

/// <summary>Which windows of the field say what of a version. Only a unit that failed has a truth, and only machines in service count.</summary>
/// <param name="said">What a version said of a unit; null: what devices said, as the store has it.</param>
internal sealed class FieldScores(PlantTruth truth, FieldReplay replay, double cap, Func<FieldUnit, int, IReadOnlyDictionary<long, FieldPrediction>>? said = null)
{
    // A window count below which a unit says nothing of a version.
    private const int FewestWindows = 10;

    private readonly HashSet<string> _inService = [.. truth.Plan.Story.Stints.Select(s => s.Asset)];

    private long? Change => truth.Plan.Story.ChangeTick;

    public IReadOnlyList<FieldUnit> Live => [.. replay.Units.Where(u => _inService.Contains(u.Id.Asset.ToString()))];

    /// <summary>Frames of which both versions said something.</summary>
    public static IEnumerable<long> SharedWindows(FieldUnit unit) => unit.PredictionsOf(1).Keys.Where(unit.PredictionsOf(2).ContainsKey);

    /// <summary>All that a version said of units that have failed by the end of the story.</summary>
    public IReadOnlyList<UnitError> All(int version) => Of(version, _ => true);

    /// <summary>
    /// What a version said of the machines that went into service before the world changed, to the end of each. To take only
    /// those that had failed by then would be to take the short lives; to stop at the change, mostly windows of young machines.
    /// </summary>
    public IReadOnlyList<UnitError> BeforeChange(int version) => Of(version, unit => !HasChanged(unit.TimeOf(unit.FirstFrame)));

    /// <summary>Units that no model knows, that failed after the change, and of which both versions said enough.</summary>
    public IReadOnlyList<FieldUnit> Scored(IReadOnlySet<string> known) =>
    [
        .. Live.Where(u => u.Failed && !known.Contains(u.Id.ToString()) && Change is { } change && CycleOf(u.End!.At) > change
            && SharedWindows(u).Skip(FewestWindows - 1).Any()),
    ];

    /// <summary>How long the scored units lived, against those that could have been scored and were still running at the end.</summary>
    public CohortLifetimes? Censoring(IReadOnlyList<FieldUnit> scored, IReadOnlySet<string> known)
    {
        var running = Live.Where(u => u.End is null && !known.Contains(u.Id.ToString()) && SharedWindows(u).Any()).ToList();
        return scored is [] ? null : new(scored.Count, scored.Average(u => (double)u.LastFrame + 1), running.Count, running is [] ? 0 : running.Average(u => (double)u.LastFrame + 1));
    }

    /// <summary>A version on the windows that it shares with the other one.</summary>
    public IReadOnlyList<UnitError> Shared(IReadOnlyList<FieldUnit> scored, int version) =>
    [
        .. scored.Select(u => (Unit: u, Shared: SharedWindows(u).ToHashSet()))
            .Select(u => UnitError.Of(u.Unit, Said(u.Unit, version).Where(p => u.Shared.Contains(p.Frame)), cap)).OfType<UnitError>(),
    ];

    private IReadOnlyList<UnitError> Of(int version, Func<FieldUnit, bool> which) =>
    [
        .. Live.Where(unit => HasTruth(unit) && which(unit)).Select(unit => UnitError.Of(unit, Said(unit, version), cap))
            .Where(error => error is not null && error.Windows >= FewestWindows).Select(error => error!),
    ];

    private IEnumerable<(long Frame, FieldPrediction Said)> Said(FieldUnit unit, int version) =>
        (said is null ? unit.PredictionsOf(version) : said(unit, version)).Select(p => (p.Key, p.Value));

    // Bookings that are not true are no truth to score against.
    private bool HasTruth(FieldUnit unit) => unit.Failed && (!truth.Plan.Story.IsBookedFalsely || !HasChanged(unit.End!.At));

    private bool HasChanged(DateTimeOffset at) => Change is { } change && CycleOf(at) >= change;

    private long CycleOf(DateTimeOffset at) => truth.Calendar.CycleOf(at);
}
