namespace MlOps.Edge.Cloud.Drift.Detectors;

/// <summary>
/// Population stability index Σ (u - r) ln(u / r), less its expectation under no drift, about (K - 1) / n. Kept for those
/// who know it; its usual fixed limits of 0.1 and 0.2 know nothing of n and are not used here.
/// Sources: Siddiqi, "Credit risk scorecards", 2006; Yurdakul, "Statistical properties of population stability index", 2018.
/// </summary>
internal sealed class PopulationStabilityIndex : IDriftDetector
{
    // An empty bin would make the logarithm infinite; half a thousandth keeps one stray reading from deciding the score.
    private const double Floor = 0.0005;

    public string Name => DriftDetectors.PopulationStabilityIndex;

    public double Score(in ShareComparison compared)
    {
        var occupied = 0;
        for (var bin = 0; bin < compared.Unit.Length; bin++)
        {
            occupied += compared.Unit[bin] + compared.Reference[bin] > 0 ? 1 : 0;
        }

        return Plain(compared.Reference, compared.Unit) - ((occupied - 1) / compared.Rows);
    }

    /// <summary>The textbook's index, without any correction for the sample's size.</summary>
    public static double Plain(ReadOnlySpan<double> reference, ReadOnlySpan<double> unit)
    {
        var index = 0.0;
        for (var bin = 0; bin < unit.Length; bin++)
        {
            if (unit[bin] + reference[bin] > 0)
            {
                var (u, r) = (Math.Max(unit[bin], Floor), Math.Max(reference[bin], Floor));
                index += (u - r) * Math.Log(u / r);
            }
        }

        return index;
    }
}
