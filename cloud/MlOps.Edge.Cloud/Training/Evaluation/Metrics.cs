namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>How well a model does on some windows.</summary>
/// <param name="Units">Units that have at least one of the windows.</param>
/// <param name="Rmse">Root mean square error over the windows, in sample intervals.</param>
/// <param name="UnitRmse">The same with each unit weighing the same: root of the mean over units of their mean square errors.</param>
/// <param name="Coverage">Part of the windows whose truth lies within the interval.</param>
/// <param name="MeanWidth">Of the interval, in sample intervals.</param>
/// <param name="NasaScore">Mean of <see cref="WindowScore.NasaScore"/> over the windows.</param>
/// <param name="ConstantRmse">What the best constant prediction would have as <paramref name="Rmse"/>: the spread of the truth.</param>
internal sealed record Metrics(
    int Units, int Windows, double Rmse, double UnitRmse, double Coverage, double MeanWidth, double NasaScore, double ConstantRmse)
{
    /// <returns>Null where there is no window.</returns>
    public static Metrics? Over(IReadOnlyList<WindowScore> windows)
    {
        if (windows.Count == 0)
        {
            return null;
        }

        double mean = windows.Average(window => window.Target);
        List<IGrouping<int, WindowScore>> units = [.. windows.GroupBy(window => window.Unit)];
        return new(
            units.Count,
            windows.Count,
            Math.Sqrt(windows.Average(window => window.SquaredError)),
            Math.Sqrt(units.Average(unit => unit.Average(window => window.SquaredError))),
            windows.Average(window => window.Covered ? 1.0 : 0.0),
            windows.Average(window => window.Width),
            windows.Average(window => window.NasaScore),
            Math.Sqrt(windows.Average(window => (window.Target - mean) * (window.Target - mean))));
    }
}
