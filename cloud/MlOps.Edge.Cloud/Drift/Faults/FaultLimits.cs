using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>What no quiet unit does, by channel: the limits beyond which a device's sensor, not its machine, is to blame.</summary>
internal sealed class FaultLimits
{
    // A run this short happens to any coarse sensor that the history happened not to catch.
    private const int ShortestStuckRun = 6;

    private FaultLimits(double[] steps, long[] runs, bool[] maybeMissing) => (Steps, Runs, MayBeMissing) = (steps, runs, maybeMissing);

    /// <summary>The height of a step, in the channel's scale.</summary>
    public double[] Steps { get; }

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
        var steps = new double[channels];
        var runs = new long[channels];
        var missing = new bool[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            steps[channel] = StepLimit(lives, channel, deviations);
            runs[channel] = RunLimit(reference, channel, expected / 2 / channels, shape);
            missing[channel] = reference.Units.Any(u => new WindowCounts(spec, u.Blocks) is var w
                && w.Counts(channel)[spec.Channels[channel].MissingBin] * 4 > w.Counts(channel).Sum());
        }

        return new(steps, runs, missing);
    }

    /// <summary>The larger of the normal tail over the robust spread of heights and a tenth above the largest height, wear included, of any quiet unit.</summary>
    private static double StepLimit(double[][][] lives, int channel, double deviations)
    {
        var heights = new List<double>();
        var largest = 0.0;
        Span<double> stretch = stackalloc double[LevelStep.Blocks];
        foreach (var life in lives)
        {
            for (var last = LevelStep.Blocks; last <= life.Length; last++)
            {
                for (var i = 0; i < LevelStep.Blocks; i++)
                {
                    stretch[i] = life[last - LevelStep.Blocks + i][channel];
                }

                var height = LevelStep.Height(stretch);
                if (!double.IsNaN(height))
                {
                    heights.Add(Math.Abs(height));
                    largest = Math.Max(largest, Math.Abs(height));
                }
            }
        }

        // 1.4826 makes the median absolute deviation of a normal law its standard deviation.
        var spread = heights.Count == 0 ? 0 : 1.4826 * UpperTail.Quantile(heights, 0.5);
        return Math.Max(1.1 * largest, Math.Max(deviations * spread, 0.5));
    }

    /// <summary>
    /// Runs of identical values have a geometric tail p^k. Over the N rows of the reference the longest was R, so p is
    /// about N^(-1/R), and the run that the horizon's rows M reach with expectation e is R ln(M / e) / ln N.
    /// </summary>
    private static long RunLimit(ReferenceSketch reference, int channel, double expected, FleetShape shape)
    {
        var rows = reference.Units.Sum(u => u.Blocks.Sum(b => b.Rows));
        var longest = reference.Units.Max(u => u.Blocks.Max(b => b.LongestRuns[channel]));
        var life = rows / (double)reference.Units.Count;
        var horizon = Math.Max(1, (double)shape.Devices * shape.HorizonCycles / expected);
        var limit = Math.Ceiling(longest * Math.Log(horizon) / Math.Log(Math.Max(rows, 2))) + 1;
        return limit > life / 2 ? long.MaxValue : (long)Math.Max(limit, ShortestStuckRun);
    }

    /// <summary>z with P(|Z| > z) = p for small p, by the bound 2 exp(-z²/2) (Chernoff): never too small.</summary>
    private static double NormalTail(double p) => Math.Sqrt(2 * Math.Log(2 / p));
}
