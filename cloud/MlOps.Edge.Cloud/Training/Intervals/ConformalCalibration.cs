namespace MlOps.Edge.Cloud.Training.Intervals;

/// <summary>
/// Cross-conformal calibration (Vovk, Annals of Mathematics and AI 74, 2015; local as in Lei et al., JASA 113, 2018): at each
/// knot the quantiles of out-of-fold residuals whose predictions lie near it. Windows of one unit are not exchangeable but
/// units are, so each unit weighs the same.
/// </summary>
/// <remarks>
/// No finite-sample correction is added: the residuals are those of single folds' models, while their average is served, which
/// errs less, and that alone covers more than the nominal part (docs/decisions/training-in-one-graph.md has the figures).
/// </remarks>
internal static class ConformalCalibration
{
    /// <summary>Knots as parts of the cap, denser towards the end of life.</summary>
    private static readonly double[] s_knots = [0, 0.12, 0.24, 0.4, 0.56, 0.72, 0.88, 1];

    /// <summary>Half the width, as a part of the cap, of the neighbourhood that a knot is calibrated on.</summary>
    private const double Neighbourhood = 0.08;

    /// <summary>A neighbourhood grows until so many units are in it, or all.</summary>
    private const int FewestUnits = 10;

    /// <summary>In how many steps the part that may lie outside is shared out between the two sides.</summary>
    private const int Shares = 10;

    /// <param name="coverage">Nominal coverage of the interval, e.g. 0.9.</param>
    public static ConformalBand Fit(IReadOnlyList<Residual> residuals, double cap, double coverage)
    {
        Dictionary<int, double> weights = residuals.GroupBy(residual => residual.Unit).ToDictionary(unit => unit.Key, unit => 1 / unit.Sum(residual => residual.Weight));
        double outside = 1 - coverage;
        double[] knots = [.. s_knots.Select(part => part * cap)];
        (double Lower, double Upper)[] offsets =
            [.. knots.Select(knot => Shortest(knot, Near(residuals, knot, cap, Math.Min(FewestUnits, weights.Count)), weights, cap, outside))];
        return new(knots, [.. offsets.Select(offset => offset.Lower)], [.. offsets.Select(offset => offset.Upper)]);
    }

    /// <summary>
    /// The shortest of the intervals that leave the given part outside. Equal tails would waste half of it wherever the truth
    /// cannot lie on one side: above the cap, or below 0.
    /// </summary>
    private static (double Lower, double Upper) Shortest(
        double knot, List<Residual> near, Dictionary<int, double> weights, double cap, double outside)
    {
        (double Lower, double Upper) best = default;
        double shortest = double.PositiveInfinity;
        for (int share = 0; share <= Shares; share++)
        {
            double below = outside * share / Shares;
            double lower = Math.Min(0, -Quantile(near, residual => -residual.Error, weights, 1 - below));
            double upper = Math.Max(0, Quantile(near, residual => residual.Error, weights, 1 - (outside - below)));
            double width = Math.Min(cap, knot + upper) - Math.Max(0, knot + lower);
            if (width < shortest)
            {
                (best, shortest) = ((lower, upper), width);
            }
        }

        return best;
    }

    private static List<Residual> Near(IReadOnlyList<Residual> residuals, double knot, double cap, int units)
    {
        for (double width = Neighbourhood * cap; ; width *= 1.5)
        {
            List<Residual> near = [.. residuals.Where(residual => Math.Abs(residual.Predicted - knot) <= width)];
            if (near.Count == residuals.Count || near.Select(residual => residual.Unit).Distinct().Count() >= units)
            {
                return near;
            }
        }
    }

    private static double Quantile(
        List<Residual> residuals, Func<Residual, double> value, Dictionary<int, double> weights, double level)
    {
        Residual[] sorted = [.. residuals.OrderBy(value)];
        double Weight(Residual residual) => residual.Weight * weights[residual.Unit];
        double needed = level * sorted.Sum(Weight);
        double sum = 0;
        foreach (Residual residual in sorted)
        {
            sum += Weight(residual);
            if (sum >= needed)
            {
                return value(residual);
            }
        }

        return value(sorted[^1]);
    }
}
