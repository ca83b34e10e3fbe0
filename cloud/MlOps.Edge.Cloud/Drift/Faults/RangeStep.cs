using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// A fault that begins shortly before or after its machine is replaced leaves no flat stretches to compare. What it can
/// leave is a channel that was where training saw it, is nowhere near it a block later, and stays so, on both sides of the
/// replacement. A change that comes exactly with the new machine is left to the fleet's statistics: it may be the machine.
/// </summary>
internal static class RangeStep
{
    public const int BlocksBefore = 3;

    private const int BlocksAfter = 3;
    private const double Inside = 0.1;
    private const double Outside = 0.9;

    // Of a channel with a handful of values, a new value says little about how far away it is.
    private const int FewestEdges = 10;

    /// <summary>The age at which the current installation was first outside, or null where there is no such step.</summary>
    public static long? Find(UnitWindow unit, SketchSpec spec, int channel)
    {
        if (spec.Channels[channel].Edges.Length < FewestEdges || unit.Blocks[0].FirstFrame >= spec.Block)
        {
            return null;
        }

        double[] shares = [.. unit.Before.Concat(unit.Blocks).Select(b => OutsideShare(b, spec, channel))];
        var firstOut = Array.FindIndex(shares, s => s > Inside);
        if (firstOut < 1 || firstOut == unit.Before.Count)
        {
            return null;
        }

        // The first block outside may hold both: it is the one in which the step happens.
        var after = shares.AsSpan(firstOut + 1);
        var lasting = after.Length >= BlocksAfter && !after[..BlocksAfter].ContainsAnyInRange(0, Outside);
        return lasting && firstOut + 1 + BlocksAfter > unit.Before.Count ? unit.Blocks[Math.Max(0, firstOut - unit.Before.Count)].FirstFrame : null;
    }

    private static double OutsideShare(SketchIncrement block, SketchSpec spec, int channel)
    {
        // Bins: far below, below, what quiet units show, above, far above, missing.
        var above = spec.Channels[channel].MissingBin - 2;
        var outside = block.Cells.Where(c => c.Channel == channel && (c.Bin <= 1 || c.Bin >= above) && c.Bin != spec.Channels[channel].MissingBin);
        return outside.Sum(c => c.Count) / (double)block.Rows;
    }
}
