using System.Globalization;
using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Field;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>Turns shifts, field error and faults into a verdict: the fleet before a device, the stronger evidence first.</summary>
internal sealed class VerdictWriter(SketchSpec spec, DriftCalibration calibration, FieldErrorTest field, DriftOptions options)
{
    private const string FieldError = "field-error";
    private const string DeviceFault = "device-fault";

    // No sensor moved: what went astray is what the model says.
    private const string PredictedOutput = "rul";

    // Enough to act on; the scores name them all.
    private const int MostChannels = 8;

    private readonly string _budget = string.Create(CultureInfo.InvariantCulture,
        $"{options.FalseVerdictsPer100KDeviceCycles} wrong verdicts per 100,000 device-cycles: {calibration.ExpectedFalseVerdicts:0.000} expected of {calibration.Shape.Devices} devices over {calibration.Shape.HorizonCycles} cycles; {options.ShiftShare:P0} for shifts, {options.FieldErrorShare:P0} for field error, the rest for device faults");

    public DriftVerdict Write(DriftState state, int units, bool enough, FleetShifts fleet)
    {
        var scores = Scores(state, fleet);
        var strongest = enough ? Strongest(fleet) : null;
        var fieldDrifted = field.HasDrifted(state.Field);
        var verdict = new DriftVerdict
        {
            Watermark = state.Watermark,
            Level = enough ? DriftVerdictKind.NoDrift : DriftVerdictKind.InsufficientData,
            Cause = DriftCause.None,
            Channels = [],
            Devices = [],
            Scores = scores,
            Faults = state.Faults,
            Units = units,
            Evidence = [],
            Budget = _budget,
        };
        if (strongest is { Score: >= 1 })
        {
            return Shifted(verdict, strongest, DriftVerdictKind.Drift, fieldDrifted ? [FieldSentence(state)] : []);
        }

        if (fieldDrifted)
        {
            return verdict with
            {
                Level = DriftVerdictKind.Drift,
                Cause = DriftCause.Fleet,
                Detector = FieldError,
                Channels = strongest is { IsWarning: true } ? strongest.Channels : [PredictedOutput],
                Devices = FieldErrorTest.Devices(state.Field),
                Evidence = [FieldSentence(state)],
            };
        }

        if (state.Faults.Count > 0)
        {
            return verdict with
            {
                Level = DriftVerdictKind.Drift,
                Cause = DriftCause.Device,
                Detector = DeviceFault,
                Channels = [.. state.Faults.Select(f => f.Channel).Distinct()],
                Devices = [.. state.Faults.Select(f => f.Device).Distinct()],
                Evidence = [.. state.Faults.Select(f => f.Evidence)],
            };
        }

        return strongest is { IsWarning: true }
            ? Shifted(verdict, strongest, DriftVerdictKind.PossibleDrift, [])
            : verdict with { Evidence = [enough ? "no channel moved beyond its limit" : $"{units} units can be compared, {options.MinimumUnits} are needed"] };
    }

    /// <summary>Whether the fleet has drifted or possibly has, by whatever evidence.</summary>
    public bool IsMoving(FleetShifts fleet, FieldErrorState known) => Strongest(fleet).IsWarning || field.HasDrifted(known);

    private static DriftVerdict Shifted(DriftVerdict verdict, Leader leader, DriftVerdictKind level, IEnumerable<string> more) => verdict with
    {
        Level = level,
        Cause = level == DriftVerdictKind.Drift ? DriftCause.Fleet : DriftCause.None,
        Detector = leader.Detector,
        Channels = leader.Channels,
        Devices = leader.Devices,
        Evidence =
        [
            string.Create(CultureInfo.InvariantCulture,
                $"{leader.Channels[0]} moved on {leader.Devices.Count} devices together ({leader.Detector}: {leader.Score:0.00} of its limit), ages and regimes compared like with like"),
            .. more,
        ],
    };

    private string FieldSentence(DriftState state) => string.Create(CultureInfo.InvariantCulture,
        $"units that failed were harder for the model than its judge units: evidence {state.Field.Evidence:0.#} against a limit of {field.Limit:0} after {state.Field.Finished} units");

    private List<ShiftScore> Scores(DriftState state, FleetShifts fleet)
    {
        var scores = new List<ShiftScore>();
        for (var d = 0; d < calibration.Detectors.Length; d++)
        {
            for (var c = 0; c < spec.Channels.Length; c++)
            {
                scores.Add(new(calibration.Detectors[d].Detector, spec.Channels[c].Name, Relative(d, c, fleet)));
            }
        }

        scores.Add(new(FieldError, null, field.Score(state.Field)));
        return scores;
    }

    private double Relative(int detector, int channel, FleetShifts fleet) =>
        fleet.Shifts[detector][channel] / calibration.Detectors[detector].Scales[channel] / calibration.Detectors[detector].Limit;

    private Leader Strongest(FleetShifts fleet) => Enumerable.Range(0, calibration.Detectors.Length)
        .Select(detector => Lead(detector, fleet))
        .MaxBy(leader => leader.Score)!;

    private Leader Lead(int detector, FleetShifts fleet)
    {
        var limits = calibration.Detectors[detector];
        var ranked = Enumerable.Range(0, spec.Channels.Length)
            .Select(c => (Channel: c, Score: Relative(detector, c, fleet)))
            .OrderByDescending(c => Math.Abs(c.Score)).ThenBy(c => c.Channel)
            .ToArray();
        var (first, score) = ranked[0];
        var least = Math.Min(1, Math.Abs(score));
        var moved = fleet.Units[detector].Where(u => u.Channels[first] * Math.Sign(score) > 2);
        return new(
            limits.Detector,
            Math.Abs(score),
            Math.Abs(score) * limits.Limit >= limits.Warning,
            [.. ranked.Where(c => Math.Abs(c.Score) >= least).Take(MostChannels).Select(c => spec.Channels[c.Channel].Name)],
            [.. moved.Select(u => fleet.Devices[u.Device]).Distinct().Order(StringComparer.Ordinal)]);
    }

    private sealed record Leader(
        string Detector, double Score, bool IsWarning, IReadOnlyList<string> Channels, IReadOnlyList<string> Devices);
}
