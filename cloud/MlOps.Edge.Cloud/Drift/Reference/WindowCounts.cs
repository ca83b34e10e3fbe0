using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>A unit's counts over some blocks, dense per stratum that occurs in them.</summary>
internal sealed class WindowCounts
{
    private readonly SketchSpec _spec;
    private readonly SortedDictionary<int, long[][]> _strata = [];

    public WindowCounts(SketchSpec spec, IEnumerable<SketchIncrement> blocks)
    {
        _spec = spec;
        foreach (var cell in blocks.SelectMany(b => b.Cells))
        {
            if (!_strata.TryGetValue(cell.Stratum, out var counts))
            {
                _strata[cell.Stratum] = counts = [.. spec.Channels.Select(c => new long[c.Bins])];
            }

            counts[cell.Channel][cell.Bin] += cell.Count;
        }
    }

    /// <summary>Ascending, so that sums over strata come out the same each time.</summary>
    public IEnumerable<int> Strata => _strata.Keys;

    public long Rows(int stratum) => _strata[stratum][0].Sum();

    /// <summary>Shares per bin of one channel in one stratum.</summary>
    public double[] Shares(int stratum, int channel)
    {
        var counts = _strata[stratum][channel];
        var total = (double)counts.Sum();
        return [.. counts.Select(c => c / total)];
    }

    /// <summary>Shares per bin of one channel over all strata.</summary>
    public double[] Shares(int channel)
    {
        var total = Counts(channel);
        var rows = (double)total.Sum();
        return [.. total.Select(c => c / rows)];
    }

    /// <summary>Counts per bin of one channel over all strata.</summary>
    public long[] Counts(int channel)
    {
        var total = new long[_spec.Channels[channel].Bins];
        foreach (var counts in _strata.Values)
        {
            for (var bin = 0; bin < total.Length; bin++)
            {
                total[bin] += counts[channel][bin];
            }
        }

        return total;
    }
}
