namespace MlOps.Edge.Benchmarks.Figures;

internal static class Percentile
{
    /// <summary>The smallest value that is not below the share of all (nearest rank).</summary>
    /// <param name="sorted">Ascending.</param>
    /// <param name="share">In (0, 1].</param>
    /// <returns>NaN: there is no value.</returns>
    public static double Of(ReadOnlySpan<double> sorted, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return sorted.IsEmpty ? double.NaN : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}
