using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Faults;
using MlOps.Edge.Cloud.Drift.Field;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>
/// One model version's watch: state and news in, new state and verdict out. Pure and deterministic; holds nothing but what
/// was frozen with the reference. Milliseconds per evaluation.
/// </summary>
internal sealed class DriftMonitor
{
    /// <summary>How many of a unit's newest blocks are compared: about half a median life.</summary>
    public const int WindowBlocks = 10;

    private readonly SketchSpec _spec;
    private readonly ReferenceProfile _profile;
    private readonly DriftCalibration _calibration;
    private readonly FaultFinder _faults;
    private readonly FieldErrorTest _field;
    private readonly IReadOnlyList<double> _judgedErrors;
    private readonly VerdictWriter _writer;
    private readonly int _minimumUnits;

    /// <exception cref="ArgumentException">The calibration was made with other detectors.</exception>
    public DriftMonitor(
        ReferenceSketch reference,
        DriftCalibration calibration,
        IReadOnlyList<double> judgedErrors,
        IReadOnlyList<IDriftDetector> detectors,
        DriftOptions options)
    {
        if (!calibration.Detectors.Select(d => d.Detector).SequenceEqual(detectors.Select(d => d.Name)))
        {
            throw new ArgumentException("The calibration was made with other drift detectors than are configured; calibrate again.", nameof(calibration));
        }

        (_spec, _calibration, _judgedErrors) = (reference.Spec, calibration, judgedErrors);
        _profile = new(reference.Spec, reference.Units, detectors);
        var shape = calibration.Shape;
        var expected = calibration.ExpectedFalseVerdicts;
        var levels = new BlockLevels(reference);
        _faults = new(_spec, levels, FaultLimits.Of(reference, levels, shape, expected * (1 - options.ShiftShare - options.FieldErrorShare)));
        var meanLife = reference.Units.Average(u => (double)u.Blocks.Sum(b => b.Rows));
        _field = FieldErrorTest.For(
            shape.Devices * (1 + (shape.HorizonCycles / meanLife)), expected * options.FieldErrorShare, options.MinimumFinishedUnits);
        _writer = new(_spec, calibration, _field, options);
        _minimumUnits = options.MinimumUnits;
    }

    public SketchSpec Spec => _spec;

    public DriftState Begin() => new()
    {
        Watermark = -1,
        Units = [],
        Faults = [],
        Field = FieldErrorState.Begin(_judgedErrors),
    };

    /// <summary>Takes the news into account and judges the fleet as it stands at the watermark.</summary>
    public DriftEvaluation Evaluate(DriftState state, DriftEvidence news)
    {
        state = news.Repaired.Aggregate(state, Forget);
        var units = Count(state.Units, news.Increments);
        var scored = units.Select(u => (Unit: u, Scores: _profile.Score(u.Blocks))).ToArray();
        var moving = _writer.IsMoving(Shifts(scored, state.Faults), state.Field);
        var faults = SharedFaults.SetAside(Standing(state.Faults, scored, moving), units);
        var shifts = Shifts(scored, faults);
        var field = news.Finished
            .Where(f => faults.All(fault => fault.Device != f.Device))
            .OrderBy(f => f.Score.Unit, StringComparer.Ordinal)
            .Aggregate(state.Field, (known, f) => _judgedErrors.Count == 0 ? known : FieldErrorTest.Add(known, f.Device, f.Score.Rmse));

        var next = new DriftState { Watermark = news.Watermark, Units = units, Faults = faults, Field = field };
        var comparable = scored.Count(s => s.Scores is not null);
        var verdict = _writer.Write(next, comparable, enough: comparable >= _minimumUnits, shifts);
        return new(next, verdict);
    }

    // The machine is watched afresh: a step up to a sensor's fault and one down to its repair are no news any more.
    private static DriftState Forget(DriftState state, string repaired) => state with
    {
        Units = [.. state.Units.Where(u => u.Asset != repaired)],
        Faults = [.. state.Faults.Where(f => f.Asset != repaired)],
    };

    private UnitWindow[] Count(IReadOnlyList<UnitWindow> known, IReadOnlyList<DeviceIncrement> news)
    {
        var units = new SortedDictionary<string, UnitWindow>(StringComparer.Ordinal);
        foreach (var unit in known)
        {
            units[unit.Asset] = unit;
        }

        foreach (var one in news)
        {
            var unit = units.GetValueOrDefault(one.Asset);
            if (unit is not null && unit.Installation > one.Installation)
            {
                // Late news of a machine that is no longer in service.
                continue;
            }

            unit = unit?.Installation == one.Installation ? unit : new(one.Device, one.Asset, one.Installation, [], [.. (unit?.Blocks ?? []).TakeLast(WindowBlocks)]);
            units[one.Asset] = unit.Add(one.Increment, _spec.Block);
        }

        return [.. units.Values];
    }

    /// <summary>Faults that were open and have not healed, and the ones that these blocks show.</summary>
    /// <param name="moving">The fleet has moved or may have: what looks like a slipped sensor may be its machine.</param>
    private DeviceFault[] Standing(IReadOnlyList<DeviceFault> open, (UnitWindow Unit, double[][]? Scores)[] scored, bool moving)
    {
        var faults = new SortedDictionary<(string, string), DeviceFault>(Comparer<(string, string)>.Create(static (a, b) =>
            string.CompareOrdinal(a.Item1, b.Item1) is var order and not 0 ? order : string.CompareOrdinal(a.Item2, b.Item2)));
        foreach (var fault in open)
        {
            var (unit, scores) = scored.FirstOrDefault(s => s.Unit.Asset == fault.Asset);
            if (unit is null || !Healed(fault, unit, scores))
            {
                faults[(fault.Asset, fault.Channel)] = fault;
            }
        }

        var fresh = scored.SelectMany(s => _faults.Find(s.Unit))
            .Where(f => f.Kind is DeviceFaultKind.Stuck or DeviceFaultKind.Missing || (!moving && !HasPeers(f, scored)));
        foreach (var fault in fresh)
        {
            faults.TryAdd((fault.Asset, fault.Channel), fault);
        }

        return [.. faults.Values];
    }

    /// <summary>Whether the channel is far off on other devices too, as a new kind of machine would have it.</summary>
    private bool HasPeers(DeviceFault fault, (UnitWindow Unit, double[][]? Scores)[] scored)
    {
        const double FarOff = 2.5;
        const int Peers = 2;
        var channel = Array.FindIndex(_spec.Channels, c => c.Name == fault.Channel);
        return scored.Count(s => s.Unit.Device != fault.Device && s.Scores is not null && s.Scores.All(d => Math.Abs(d[channel]) > FarOff)) >= Peers;
    }

    /// <summary>
    /// A sensor stays with its device when the machine is replaced, and its fault with it, until a whole window of a young
    /// machine without the fault looks like any unit again. An offset can hide in the spread between machines: only a repair
    /// clears it.
    /// </summary>
    private bool Healed(DeviceFault fault, UnitWindow unit, double[][]? scores)
    {
        const double LikeAnyUnit = 3;
        var channel = Array.FindIndex(_spec.Channels, c => c.Name == fault.Channel);
        if (channel < 0)
        {
            return true;
        }

        var begun = unit.Installation == fault.Installation ? fault.SinceFrame : -1;
        return scores is not null
            && fault.Kind != DeviceFaultKind.Offset
            && unit.Blocks.Count >= WindowBlocks
            && unit.Blocks[0].FirstFrame > begun
            && (fault.Kind is DeviceFaultKind.Stuck or DeviceFaultKind.Missing || unit.Blocks[^1].LastFrame < 2L * WindowBlocks * _spec.Block)
            && !_faults.StillSilent(fault.Kind, channel, unit.Blocks)
            && scores.All(detector => Math.Abs(detector[channel]) < LikeAnyUnit);
    }

    private FleetShifts Shifts((UnitWindow Unit, double[][]? Scores)[] scored, IReadOnlyList<DeviceFault> faults)
    {
        string[] devices = [.. scored.Select(s => s.Unit.Device).Distinct()];

        // The end of the machine before this one is where faults show most: it counts until the next one has ended.
        (string Device, double[][]? Scores)[] samples =
        [
            .. scored.Select(s => (s.Unit.Device, s.Scores)),
            .. scored.Where(s => s.Unit.Before.Count > 0).Select(s => (s.Unit.Device, _profile.Score(s.Unit.Before))),
        ];
        var broken = faults.Select(f => (f.Device, f.Channel)).ToHashSet();
        var perDetector = new UnitScores[_calibration.Detectors.Length][];
        for (var detector = 0; detector < perDetector.Length; detector++)
        {
            perDetector[detector] =
            [
                .. samples.Where(s => s.Scores is not null).Select(s => new UnitScores(
                    Array.IndexOf(devices, s.Device),
                    [.. s.Scores![detector].Select((z, c) => broken.Contains((s.Device, _spec.Channels[c].Name)) ? double.NaN : z)])),
            ];
        }

        return new(devices, perDetector, [.. perDetector.Select(units => FleetShift.Of(units, _spec.Channels.Length))]);
    }
}
