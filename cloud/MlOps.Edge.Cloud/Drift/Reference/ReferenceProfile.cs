using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>
/// A reference ready to score against: per stratum the mean shares over units, and how reference units themselves score
/// against all the others (leave one out). A unit's standard score is comparable over strata, channels and detectors.
/// </summary>
internal sealed class ReferenceProfile
{
    /// <summary>The most that one unit can say about one channel: no unit outvotes a fleet, however broken.</summary>
    public const double MostPerUnit = 6;

    private readonly SketchSpec _spec;
    private readonly IReadOnlyList<IDriftDetector> _detectors;
    private readonly double[][] _pooled;
    private readonly StratumProfile?[] _strata;

    public ReferenceProfile(SketchSpec spec, IReadOnlyList<ReferenceUnit> units, IReadOnlyList<IDriftDetector> detectors)
    {
        _spec = spec;
        _detectors = detectors;
        WindowCounts[] counts = [.. units.Select(u => new WindowCounts(spec, u.Blocks))];
        _pooled = [.. spec.Channels.Select((_, c) => StratumProfile.Mean([.. counts.Select(u => u.Shares(c))]))];
        _strata = [.. Enumerable.Range(0, spec.Strata).Select(s => StratumProfile.Of(s, counts, _pooled, detectors, leastRows: 2 * spec.Block))];
        StratumProfile.Shrink([.. _strata.OfType<StratumProfile>()]);
    }

    /// <summary>
    /// Standard scores <c>[detector][channel]</c> of a unit's recent blocks: rows-weighted means over strata, shrunk
    /// towards 0 where there are few rows. Null where fewer than two blocks' rows are comparable with the reference.
    /// </summary>
    public double[][]? Score(IEnumerable<SketchIncrement> blocks)
    {
        var window = new WindowCounts(_spec, blocks);
        double[][] scores = [.. _detectors.Select(_ => new double[_spec.Channels.Length])];
        var comparable = 0L;
        foreach (var stratum in window.Strata)
        {
            if (Like(stratum) is not { } like)
            {
                continue;
            }

            var rows = window.Rows(stratum);
            comparable += rows;
            for (var channel = 0; channel < _spec.Channels.Length; channel++)
            {
                var compared = new ShareComparison
                {
                    Pooled = _pooled[channel],
                    Reference = like.Shares[channel],
                    Unit = window.Shares(stratum, channel),
                    Rows = rows,
                };
                for (var detector = 0; detector < _detectors.Count; detector++)
                {
                    scores[detector][channel] += rows * like.Standardise(detector, channel, _detectors[detector].Score(compared));
                }
            }
        }

        return comparable < 2 * _spec.Block ? null : Weighed(scores, comparable + _spec.Block);
    }

    private static double[][] Weighed(double[][] sums, double rows) =>
        [.. sums.Select(d => d.Select(s => Math.Clamp(s / rows, -MostPerUnit, MostPerUnit)).ToArray())];

    /// <summary>The stratum itself or, where too few reference units were ever in it, the nearest younger, then older, band of its regime.</summary>
    private StratumProfile? Like(int stratum)
    {
        var regime = _spec.RegimeOfStratum(stratum) * _spec.Bands;
        var band = _spec.BandOfStratum(stratum);
        var younger = Enumerable.Range(0, band + 1).Select(b => band - b);
        var older = Enumerable.Range(band + 1, _spec.Bands - band - 1);
        return younger.Concat(older).Select(b => _strata[regime + b]).FirstOrDefault(s => s is not null);
    }
}
