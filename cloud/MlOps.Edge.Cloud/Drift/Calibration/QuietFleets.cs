using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>
/// Draws quiet fleets from the reference and watches them as the real fleet is watched. Units are drawn whole, so that
/// autocorrelation within a life and the spread between lives come along; the reference they are held against is made of
/// the other half of the units (cross-fitting), so that the error of estimating it does too. Each fleet lives through the
/// whole horizon with replacements, looked at once a block; what counts is the largest shift of all its looks, so the
/// limits need no correction for repeated looks or many channels.
/// Sources: Efron and Tibshirani, "An introduction to the bootstrap", 1993 (resampling the independent unit); Westfall and
/// Young, "Resampling-based multiple testing", 1993 (maxima over channels).
/// </summary>
internal sealed class QuietFleets
{
    private const int Splits = 6;

    private readonly ReferenceSketch _reference;
    private readonly IReadOnlyList<IDriftDetector> _detectors;
    private readonly DriftOptions _options;
    private readonly int _channels;

    public QuietFleets(ReferenceSketch reference, IReadOnlyList<IDriftDetector> detectors, DriftOptions options)
    {
        (_reference, _detectors, _options) = (reference, detectors, options);
        _channels = reference.Spec.Channels.Length;
    }

    /// <summary>The limits for a fleet of this shape. A few seconds of one core; the same seed gives the same limits.</summary>
    public DriftCalibration Calibrate(FleetShape shape, ulong seed, CancellationToken cancellation)
    {
        var random = new SplitMix(seed);
        double[][][] largest = [.. _detectors.Select(_ => new double[_options.QuietFleets][])];
        int[] order = [.. Enumerable.Range(0, _reference.Units.Count)];
        IReadOnlyList<UnitLife> lives = [];
        for (var fleet = 0; fleet < _options.QuietFleets; fleet++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (fleet % ((_options.QuietFleets + Splits - 1) / Splits) == 0)
            {
                random.Shuffle<int>(order);
                lives = Lives(order);
            }

            var shifts = Watch(lives, shape, (FleetStart)(fleet % 3), random);
            for (var detector = 0; detector < shifts.Length; detector++)
            {
                largest[detector][fleet] = shifts[detector];
            }
        }

        var expected = _options.FalseVerdictsPer100KDeviceCycles * shape.Devices * shape.HorizonCycles / 100_000;
        var each = expected * _options.ShiftShare / _detectors.Count;
        return new(shape, expected, [.. _detectors.Select((d, i) => Limits(d.Name, largest[i], each))]);
    }

    private List<UnitLife> Lives(int[] order)
    {
        var half = order.Length / 2;
        ReferenceUnit[] known = [.. order[..half].Order().Select(i => _reference.Units[i])];
        var profile = new ReferenceProfile(_reference.Spec, known, _detectors);
        return [.. order[half..].Select(i => new UnitLife(_reference.Units[i], profile))];
    }

    private double[][] Watch(IReadOnlyList<UnitLife> lives, FleetShape shape, FleetStart start, SplitMix random)
    {
        var fleet = new (UnitLife Life, int Seen)[shape.Devices];
        var alike = random.Uniform() * 0.75;
        for (var device = 0; device < fleet.Length; device++)
        {
            var life = lives[random.Below(lives.Count)];
            var lived = start switch
            {
                FleetStart.Fresh => 0,
                FleetStart.Together => alike,
                _ => random.Uniform() * 0.75,
            };

            // Whole half windows, so that fleets can share what was scored before.
            const int HalfWindow = DriftMonitor.WindowBlocks / 2;
            fleet[device] = (life, (int)(lived * life.Blocks) / HalfWindow * HalfWindow);
        }

        double[][] largest = [.. _detectors.Select(_ => new double[_channels])];
        var units = new List<UnitScores>(fleet.Length);
        var first = Array.ConvertAll(fleet, f => f.Seen);
        var ended = new double[shape.Devices][][];
        for (var look = 0; look < Math.Max(1, shape.HorizonCycles / _reference.Spec.Block); look++)
        {
            for (var device = 0; device < fleet.Length; device++)
            {
                ref var unit = ref fleet[device];
                unit.Seen++;
                if (unit.Seen > unit.Life.Blocks)
                {
                    ended[device] = unit.Life.At(unit.Life.Blocks, first[device]) ?? [];
                    unit = (lives[random.Below(lives.Count)], 1);
                    first[device] = 0;
                }
            }

            for (var detector = 0; detector < _detectors.Count; detector++)
            {
                units.Clear();
                for (var device = 0; device < fleet.Length; device++)
                {
                    if (fleet[device].Life.At(fleet[device].Seen, first[device]) is { } scores)
                    {
                        units.Add(new(device, scores[detector]));
                    }

                    if (ended[device] is { Length: > 0 } last)
                    {
                        units.Add(new(device, last[detector]));
                    }
                }

                if (units.Count >= Math.Min(_options.MinimumUnits, shape.Devices))
                {
                    Raise(largest[detector], FleetShift.Of(units, _channels));
                }
            }
        }

        return largest;
    }

    private static void Raise(double[] largest, double[] shifts)
    {
        for (var channel = 0; channel < shifts.Length; channel++)
        {
            largest[channel] = Math.Max(largest[channel], Math.Abs(shifts[channel]));
        }
    }

    private static DetectorCalibration Limits(string detector, double[][] largest, double expected)
    {
        double[] medians = [.. Enumerable.Range(0, largest[0].Length).Select(c => UpperTail.Quantile([.. largest.Select(l => l[c])], 0.5))];

        // A channel that hardly moves when quiet must not turn its first stray value into a verdict.
        var least = Math.Max(1e-9, 0.3 * UpperTail.Quantile(medians, 0.5));
        double[] scales = [.. medians.Select(m => Math.Max(m, least))];
        double[] maxima = [.. largest.Select(l => l.Select((shift, c) => shift / scales[c]).Max())];

        // Alarms in a quiet horizon are rare and nearly independent, so a rate becomes a probability as in a Poisson process.
        var allowed = 1 - Math.Exp(-expected);
        var limit = UpperTail.Quantile(maxima, allowed);
        return new(detector, scales, limit, Math.Min(limit, UpperTail.Quantile(maxima, Math.Min(0.5, 10 * allowed))));
    }

    private enum FleetStart { Fresh = 0, Together = 1, Staggered = 2 }
}
