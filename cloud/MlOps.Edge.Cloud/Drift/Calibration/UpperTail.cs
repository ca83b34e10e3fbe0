namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>Upper quantiles of maxima.</summary>
internal static class UpperTail
{
    private const double EulerGamma = 0.5772156649015329;

    // With fewer draws than this beyond it, an order statistic says more about luck than about the tail.
    private const int EnoughBeyond = 5;

    /// <summary>
    /// The value exceeded with probability <paramref name="exceeded"/>. Where too few draws lie beyond it: the larger of the
    /// largest draw and a Gumbel law fitted by moments, the limit law of maxima of light tails (Gumbel, "Statistics of extremes", 1958).
    /// </summary>
    public static double Quantile(IReadOnlyCollection<double> draws, double exceeded)
    {
        double[] sorted = [.. draws.Order()];
        var beyond = exceeded * (sorted.Length + 1);
        if (beyond >= Math.Min(EnoughBeyond, (sorted.Length + 1) / 2.0))
        {
            return sorted[Math.Clamp(sorted.Length - (int)beyond, 0, sorted.Length - 1)];
        }

        var mean = sorted.Average();
        var deviation = Math.Sqrt(sorted.Sum(v => (v - mean) * (v - mean)) / (sorted.Length - 1));
        var beta = deviation * Math.Sqrt(6) / Math.PI;
        var gumbel = mean - (EulerGamma * beta) - (beta * Math.Log(-Math.Log(1 - exceeded)));
        return Math.Max(sorted[^1], gumbel);
    }
}
