using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>What no quiet unit does, by channel: the limits beyond which a device's sensor, not its machine, is to blame.</summary>
internal sealed class FaultLimits
{
    // A new kind of machine may run more steadily than any of the reference; a sensor that has died is still for ever.
    private const int StuckMargin = 2;

    // No quiet unit's step comes near, also of those that the reference happened not to catch.
    private const double StepMargin = 1.5;

    private const double LeastStep = 0.5;

    private readonly double[][] _steps;

    private FaultLimits(double[][] steps, UnitBirths births, long[] runs, bool[] maybeMissing) =>
        (_steps, Births, Runs, MayBeMissing) = (steps, births, runs, maybeMissing);

    /// <summary>The height of a step, in the channel's scale, by channel.</summary>
    /// <param name="before">Blocks before it.</param>
    public double[] StepsAfter(int before) => _steps[before - LevelStep.FewestBefore];

    public UnitBirths Births { get; }

    /// <summary>Consecutive identical values; <see cref="long.MaxValue"/> where a channel is too still when quiet to tell.</summary>
    public long[] Runs { get; }

    /// <summary>Whether quiet units too lack the channel's values at times.</summary>
    public bool[] MayBeMissing { get; }

    /// <param name="expected">Wrong device faults allowed over the fleet's horizon.</param>
    public static FaultLimits Of(ReferenceSketch reference, BlockLevels levels, FleetShape shape, double expected)
    {
        var spec = reference.Spec;
        var channels = spec.Channels.Length;
        double[][][] lives = [.. reference.Units.Select(u => u.Blocks.Select(levels.Of).ToArray())];
        var looks = (double)shape.Devices * shape.HorizonCycles / spec.Block * channels;
        var deviations = NormalTail(expected / 2 / looks);
        double[][] steps =
        [
            .. Enumerable.Range(LevelStep.FewestBefore, LevelStep.MostBefore - LevelStep.FewestBefore + 1)
                .Select(before => Enumerable.Range(0, channels).Select(channel => StepLimit(lives, channel, before, deviations)).ToArray()),
        ];
        var runs = new long[channels];
        var missing = new bool[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            runs[channel] = RunLimit(reference, channel, expected / 2 / channels, shape);
            missing[channel] = reference.Units.Any(u => new WindowCounts(spec, u.Blocks) is var w
                && w.Counts(channel)[spec.Channels[channel].MissingBin] * 4 > w.Counts(channel).Sum());
        }

        return new(steps, UnitBirths.Of(lives, channels), runs, missing);
    }

    /// <summary>The larger of the normal tail over the robust spread of all heights, and the largest of any quiet unit's flat steps with a margin.</summary>
    private static double StepLimit(double[][][] lives, int channel, int before, double deviations)
    {
        var heights = new List<double>();
        var largest = 0.0;
        Span<double> stretch = stackalloc double[LevelStep.Length(before)];
        foreach (var life in lives)
        {
            for (var first = 0; first + stretch.Length <= life.Length; first++)
            {
                for (var i = 0; i < stretch.Length; i++)
                {
                    stretch[i] = life[first + i][channel];
                }

                var height = Math.Abs(LevelStep.Height(stretch, before));
                if (!double.IsNaN(height))
                {
                    heights.Add(height);
                    largest = LevelStep.IsStep(stretch, before) ? Math.Max(largest, height) : largest;
                }
            }
        }

        // 1.4826 makes the median absolute deviation of a normal law its standard deviation.
        var spread = heights.Count == 0 ? 0 : 1.4826 * UpperTail.Quantile(heights, 0.5);
        return Math.Max(StepMargin * largest, Math.Max(deviations * spread, LeastStep));
    }

    /// <summary>
    /// Runs of identical values have a geometric tail p^k. Over the N rows of the reference the longest was R, so p is
    /// about N^(-1/R), and the run that the horizon's rows M reach with expectation e is R ln(M / e) / ln N. Twice that, and
    /// two whole blocks, is stuck.
    /// </summary>
    private static long RunLimit(ReferenceSketch reference, int channel, double expected, FleetShape shape)
    {
        var rows = reference.Units.Sum(u => u.Blocks.Sum(b => b.Rows));
        var longest = reference.Units.Max(u => u.Blocks.Max(b => b.LongestRuns[channel]));
        var life = rows / (double)reference.Units.Count;
        var horizon = Math.Max(1, (double)shape.Devices * shape.HorizonCycles / expected);
        var limit = StuckMargin * (Math.Ceiling(longest * Math.Log(horizon) / Math.Log(Math.Max(rows, 2))) + 1);
        return limit > life / 2 ? long.MaxValue : (long)Math.Max(limit, 2 * reference.Spec.Block);
    }

    /// <summary>z with P(|Z| > z) = p for small p, by the bound 2 exp(-z²/2) (Chernoff): never too small.</summary>
    private static double NormalTail(double p) => Math.Sqrt(2 * Math.Log(2 / p));
}
