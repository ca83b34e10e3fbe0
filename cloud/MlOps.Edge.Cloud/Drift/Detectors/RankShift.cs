namespace MlOps.Edge.Cloud.Drift.Detectors;

/// <summary>
/// How far the unit's values moved along the ranks of the whole reference: the difference of mean ridits, which is the
/// signed Wasserstein-1 distance where each value is replaced by its pooled rank. A bin's ridit is the share below it plus
/// half its own. Missing values have no rank and are left out. Range -1 to 1.
/// Source: Bross, "How to use ridit analysis", Biometrics 14, 1958.
/// </summary>
internal sealed class RankShift : IDriftDetector
{
    public string Name => DriftDetectors.RankShift;

    public double Score(in ShareComparison compared)
    {
        var values = compared.Pooled.Length - 1;
        double below = 0, unit = 0, reference = 0, unitMass = 0, referenceMass = 0;
        for (var bin = 0; bin < values; bin++)
        {
            var ridit = below + (compared.Pooled[bin] / 2);
            below += compared.Pooled[bin];
            unit += ridit * compared.Unit[bin];
            unitMass += compared.Unit[bin];
            reference += ridit * compared.Reference[bin];
            referenceMass += compared.Reference[bin];
        }

        return unitMass > 0 && referenceMass > 0 ? (unit / unitMass) - (reference / referenceMass) : 0;
    }
}
