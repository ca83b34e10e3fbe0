namespace MlOps.Edge.Host.Reporting;

/// <summary>The error of one version on one unit that has failed: sums over its windows, truth and prediction min(·, cap).</summary>
internal sealed record UnitError(string Unit, long Windows, double SumSquared, long Covered, double SumWidth)
{
    public double MeanSquared => SumSquared / Windows;

    /// <summary>Scores a version on the frames chosen; null: none of them has a prediction.</summary>
    public static UnitError? Of(FieldUnit unit, int version, double cap, Func<long, bool>? chosen = null) =>
        Of(unit, unit.PredictionsOf(version).Where(p => chosen is null || chosen(p.Key)).Select(p => (p.Key, p.Value)), cap);

    public static UnitError? Of(FieldUnit unit, IEnumerable<(long Frame, FieldPrediction Said)> predictions, double cap)
    {
        var end = unit.End?.Frame ?? throw new InvalidOperationException($"{unit.Id} has not ended: it has no truth to score against.");
        long windows = 0, covered = 0;
        double squared = 0, width = 0;
        foreach (var (frame, said) in predictions)
        {
            var truth = Math.Min(end - frame, cap);
            var error = Math.Min(said.Rul, cap) - truth;
            squared += error * error;
            covered += said.Lower <= truth && truth <= said.Upper ? 1 : 0;
            width += said.Upper - said.Lower;
            windows++;
        }

        return windows == 0 ? null : new(unit.Id.ToString(), windows, squared, covered, width);
    }
}

/// <summary>Figures over units, each unit with the same weight.</summary>
internal static class UnitErrors
{
    public static double? Rmse(IReadOnlyCollection<UnitError> units) => units.Count == 0 ? null : Math.Sqrt(units.Average(u => u.MeanSquared));

    public static double? Coverage(IReadOnlyCollection<UnitError> units) => units.Count == 0 ? null : units.Average(u => (double)u.Covered / u.Windows);

    public static double? MeanWidth(IReadOnlyCollection<UnitError> units) => units.Count == 0 ? null : units.Average(u => u.SumWidth / u.Windows);

    /// <summary>
    /// Upper limit of the ratio of two root mean squares on the same units: percentile bootstrap, whole units resampled
    /// (Efron and Tibshirani 1993, chapter 13). Seeded: the same units give the same limit.
    /// </summary>
    /// <param name="level">E.g. 0.9: a tenth of the resamples lie above.</param>
    public static double? RatioUpper(IReadOnlyList<UnitError> numerator, IReadOnlyList<UnitError> denominator, double level, int resamples = 4000)
    {
        if (numerator.Count != denominator.Count)
        {
            throw new ArgumentException("The ratio is of the same units.", nameof(denominator));
        }

        if (numerator.Count < 2)
        {
            return null;
        }

        var random = new Random(20080930);
        var ratios = new double[resamples];
        for (var r = 0; r < resamples; r++)
        {
            double above = 0, below = 0;
            for (var i = 0; i < numerator.Count; i++)
            {
                var unit = random.Next(numerator.Count);
                above += numerator[unit].MeanSquared;
                below += denominator[unit].MeanSquared;
            }

            ratios[r] = Math.Sqrt(above / below);
        }

        Array.Sort(ratios);
        return ratios[(int)Math.Ceiling(level * resamples) - 1];
    }
}
