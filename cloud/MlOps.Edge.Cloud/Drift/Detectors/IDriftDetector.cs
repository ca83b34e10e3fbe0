namespace MlOps.Edge.Cloud.Drift.Detectors;

/// <summary>
/// Says how far one unit's values of one channel lie from the reference in one stratum. Stateless and pure. What is a lot
/// for a unit and for a fleet is not its business: scores are standardised by how reference units score and thresholds
/// are calibrated by resampling quiet units, so a detector may use any scale of order 1.
/// </summary>
public interface IDriftDetector
{
    /// <summary>The name that configuration uses.</summary>
    string Name { get; }

    /// <summary>Near 0 for a unit like the reference. The sign is a direction, where the detector knows one.</summary>
    double Score(in ShareComparison compared);
}

/// <summary>
/// Shares of values per bin, each adding up to 1, over the same bins: ascending in value, but for the last bin, which
/// counts missing values.
/// </summary>
public readonly ref struct ShareComparison
{
    /// <summary>The reference units over all strata, units weighted equally.</summary>
    public required ReadOnlySpan<double> Pooled { get; init; }

    /// <summary>The reference units in this stratum, units weighted equally.</summary>
    public required ReadOnlySpan<double> Reference { get; init; }

    /// <summary>The unit in this stratum.</summary>
    public required ReadOnlySpan<double> Unit { get; init; }

    /// <summary>The number of frames behind <see cref="Unit"/>.</summary>
    public required double Rows { get; init; }
}

/// <summary>Names of the built-in drift detectors.</summary>
public static class DriftDetectors
{
    public const string RankShift = "rank-shift";
    public const string JensenShannon = "jensen-shannon";
    public const string PopulationStabilityIndex = "psi";
    public const string KolmogorovSmirnov = "kolmogorov-smirnov";
}
