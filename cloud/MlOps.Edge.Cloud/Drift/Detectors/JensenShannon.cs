namespace MlOps.Edge.Cloud.Drift.Detectors;

/// <summary>
/// Jensen-Shannon divergence in bits, less what sampling alone adds to it: ½ Σ u ln(u/m) + ½ Σ r ln(r/m) with m the
/// mean of both, whose expectation under no drift is about (K - 1) / (8 n) nats for n independent rows over K occupied
/// bins. It sees a change of shape or spread where ranks see none.
/// Source: Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37, 1991.
/// </summary>
internal sealed class JensenShannon : IDriftDetector
{
    public string Name => DriftDetectors.JensenShannon;

    public double Score(in ShareComparison compared)
    {
        double nats = 0;
        var occupied = 0;
        for (var bin = 0; bin < compared.Unit.Length; bin++)
        {
            var (u, r) = (compared.Unit[bin], compared.Reference[bin]);
            var middle = (u + r) / 2;
            nats += ((u > 0 ? u * Math.Log(u / middle) : 0) + (r > 0 ? r * Math.Log(r / middle) : 0)) / 2;
            occupied += middle > 0 ? 1 : 0;
        }

        return (nats - ((occupied - 1) / (8 * compared.Rows))) / Math.Log(2);
    }
}
