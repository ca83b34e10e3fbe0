using MlOps.Edge.Cloud.Drift.Detectors;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>One stratum of a reference: mean shares over its units and, per detector and channel, the location and spread of their scores.</summary>
internal sealed class StratumProfile
{
    private const int FewestUnits = 5;

    // Few units make a poor variance: it is pulled towards the channel's mean over strata as if by so many units more.
    private const double PriorUnits = 8;

    // A channel that never moved at training would make any movement infinitely rare.
    private const double LeastDeviation = 0.02;

    private readonly int _units;
    private readonly double[][] _mean;
    private readonly double[][] _variance;

    private StratumProfile(int units, double[][] shares, double[][] mean, double[][] variance) =>
        (_units, Shares, _mean, _variance) = (units, shares, mean, variance);

    /// <summary>Per channel: mean shares per bin, units weighted equally.</summary>
    public double[][] Shares { get; }

    public double Standardise(int detector, int channel, double score) =>
        (score - _mean[detector][channel]) / Math.Max(Math.Sqrt(_variance[detector][channel]), LeastDeviation);

    /// <summary>The profile, or null where too few units spent long enough in the stratum.</summary>
    public static StratumProfile? Of(
        int stratum, IReadOnlyList<WindowCounts> units, double[][] pooled, IReadOnlyList<IDriftDetector> detectors, int leastRows)
    {
        WindowCounts[] present = [.. units.Where(u => u.Strata.Contains(stratum) && u.Rows(stratum) >= leastRows)];
        if (present.Length < FewestUnits)
        {
            return null;
        }

        var channels = pooled.Length;
        var shares = new double[channels][];
        double[][] mean = [.. detectors.Select(_ => new double[channels])];
        double[][] variance = [.. detectors.Select(_ => new double[channels])];
        for (var channel = 0; channel < channels; channel++)
        {
            double[][] each = [.. present.Select(u => u.Shares(stratum, channel))];
            shares[channel] = Mean(each);
            for (var detector = 0; detector < detectors.Count; detector++)
            {
                var scores = new double[each.Length];
                for (var unit = 0; unit < each.Length; unit++)
                {
                    scores[unit] = detectors[detector].Score(new()
                    {
                        Pooled = pooled[channel],
                        Reference = Others(shares[channel], each[unit], each.Length),
                        Unit = each[unit],
                        Rows = present[unit].Rows(stratum),
                    });
                }

                var average = scores.Average();
                mean[detector][channel] = average;
                variance[detector][channel] = scores.Sum(s => (s - average) * (s - average)) / (scores.Length - 1);
            }
        }

        return new(present.Length, shares, mean, variance);
    }

    /// <summary>Pulls each variance towards the mean of its detector and channel over all strata.</summary>
    public static void Shrink(IReadOnlyList<StratumProfile> strata)
    {
        if (strata.Count == 0)
        {
            return;
        }

        for (var detector = 0; detector < strata[0]._variance.Length; detector++)
        {
            for (var channel = 0; channel < strata[0]._variance[detector].Length; channel++)
            {
                var common = strata.Average(s => s._variance[detector][channel]);
                foreach (var s in strata)
                {
                    s._variance[detector][channel] =
                        ((s._units * s._variance[detector][channel]) + (PriorUnits * common)) / (s._units + PriorUnits);
                }
            }
        }
    }

    public static double[] Mean(IReadOnlyList<double[]> shares)
    {
        var mean = new double[shares[0].Length];
        foreach (var unit in shares)
        {
            for (var bin = 0; bin < mean.Length; bin++)
            {
                mean[bin] += unit[bin] / shares.Count;
            }
        }

        return mean;
    }

    private static double[] Others(double[] mean, double[] unit, int units)
    {
        var others = new double[mean.Length];
        for (var bin = 0; bin < mean.Length; bin++)
        {
            others[bin] = Math.Max(0, ((mean[bin] * units) - unit[bin]) / (units - 1));
        }

        return others;
    }
}
