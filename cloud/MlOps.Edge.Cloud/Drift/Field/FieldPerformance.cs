namespace MlOps.Edge.Cloud.Drift.Field;

/// <summary>How a model version did on a set of units, each unit weighing the same however many windows it has.</summary>
/// <param name="Rmse">√ of the mean over units of the units' mean squared errors, in sample intervals.</param>
/// <param name="Coverage">Mean over units of the share of windows whose truth lies within the interval.</param>
/// <param name="MeanWidth">Mean over units of the mean interval width, in sample intervals.</param>
/// <param name="MeanLifetime">Mean age at failure: beside the running units' ages it shows whether the short lives came first.</param>
internal sealed record FieldPerformance(int Units, long Windows, double Rmse, double Coverage, double MeanWidth, double MeanLifetime)
{
    /// <summary>Null where there are no units.</summary>
    public static FieldPerformance? Of(IReadOnlyCollection<UnitScore> units) => units.Count == 0 ? null : new(
        units.Count,
        units.Sum(u => u.Windows),
        Math.Sqrt(units.Average(u => u.MeanSquaredError)),
        units.Average(u => u.Coverage),
        units.Average(u => u.MeanWidth),
        units.Average(u => (double)u.Lifetime));
}
