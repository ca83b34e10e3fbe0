using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// A channel's mean over one block, less what its operating regimes explain, in the channel's scale: comparable between
/// neighbouring blocks of one unit although the regimes change.
/// </summary>
internal sealed class BlockLevels
{
    private readonly SketchSpec _spec;
    private readonly double[][] _regimeMeans;

    public BlockLevels(ReferenceSketch reference)
    {
        _spec = reference.Spec;
        double[][] Zeros() => [.. Enumerable.Range(0, _spec.Regimes.Count).Select(_ => new double[_spec.Channels.Length])];
        var (steps, values) = (Zeros(), Zeros());
        foreach (var block in reference.Units.SelectMany(u => u.Blocks))
        {
            foreach (var sum in block.Sums)
            {
                steps[_spec.RegimeOfStratum(sum.Stratum)][sum.Channel] += sum.Steps;
            }

            foreach (var cell in block.Cells.Where(NotMissing))
            {
                values[_spec.RegimeOfStratum(cell.Stratum)][cell.Channel] += cell.Count;
            }
        }

        _regimeMeans = [.. steps.Select((regime, r) => regime.Select((sum, c) => sum / Math.Max(1, values[r][c])).ToArray())];
    }

    /// <summary>Levels by channel; NaN where the block has no value.</summary>
    public double[] Of(SketchIncrement block)
    {
        var levels = new double[_spec.Channels.Length];
        var values = new double[_spec.Channels.Length];
        foreach (var cell in block.Cells.Where(NotMissing))
        {
            values[cell.Channel] += cell.Count;
            levels[cell.Channel] -= cell.Count * _regimeMeans[_spec.RegimeOfStratum(cell.Stratum)][cell.Channel];
        }

        foreach (var sum in block.Sums)
        {
            levels[sum.Channel] += sum.Steps;
        }

        return [.. levels.Select((level, c) => values[c] == 0 ? double.NaN : level / values[c] / ChannelBins.StepsPerScale)];
    }

    private bool NotMissing(SketchCell cell) => cell.Bin != _spec.Channels[cell.Channel].MissingBin;
}
