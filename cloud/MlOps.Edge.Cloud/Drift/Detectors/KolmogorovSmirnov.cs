namespace MlOps.Edge.Cloud.Drift.Detectors;

/// <summary>
/// The widest gap between the two cumulative shares, signed: positive where the unit's values lie higher. Its textbook
/// p-value assumes independent rows, which sensor series are not, and is not used here.
/// Source: Smirnov, "Table for estimating the goodness of fit of empirical distributions", Ann. Math. Stat. 19, 1948.
/// </summary>
internal sealed class KolmogorovSmirnov : IDriftDetector
{
    public string Name => DriftDetectors.KolmogorovSmirnov;

    public double Score(in ShareComparison compared)
    {
        double unit = 0, reference = 0, widest = 0;
        for (var bin = 0; bin < compared.Unit.Length - 1; bin++)
        {
            unit += compared.Unit[bin];
            reference += compared.Reference[bin];
            widest = Math.Abs(reference - unit) > Math.Abs(widest) ? reference - unit : widest;
        }

        return widest;
    }
}
