using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>A reference unit's standard scores at each look of its life.</summary>
internal sealed class UnitLife(ReferenceUnit unit, ReferenceProfile profile)
{
    private readonly Dictionary<(int Seen, int From), double[][]?> _scores = [];

    public int Blocks => unit.Blocks.Length;

    /// <summary>Scores <c>[detector][channel]</c> once <paramref name="seen"/> blocks of its life have passed, watched since block <paramref name="from"/>.</summary>
    public double[][]? At(int seen, int from)
    {
        var first = Math.Max(from, seen - DriftMonitor.WindowBlocks);
        if (!_scores.TryGetValue((seen, first), out var scores))
        {
            _scores[(seen, first)] = scores = profile.Score(unit.Blocks[first..seen]);
        }

        return scores;
    }
}
