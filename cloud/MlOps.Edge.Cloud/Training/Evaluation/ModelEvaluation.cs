namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>A model's figures on held-out units: as a whole, in slices, and unit by unit.</summary>
internal sealed record ModelEvaluation(Metrics Overall, IReadOnlyList<SliceMetrics> Slices, IReadOnlyList<UnitMetrics> Units)
{
    /// <returns>Null where no window falls into the slice.</returns>
    public Metrics? this[string slice] => Slices.FirstOrDefault(metrics => metrics.Slice == slice)?.Metrics;
}

/// <param name="Slice">Its name, see <see cref="Evaluation.Slices"/>.</param>
internal sealed record SliceMetrics(string Slice, Metrics Metrics);

/// <param name="Unit">The unit's id.</param>
/// <param name="Cohort">As in <see cref="Splitting.UnitAssignment.Cohort"/>.</param>
internal sealed record UnitMetrics(string Unit, int Cohort, Metrics Metrics);
