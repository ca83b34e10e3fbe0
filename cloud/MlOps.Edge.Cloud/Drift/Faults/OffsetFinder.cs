using System.Globalization;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// Finds the one channel of a device that is off by a constant. Two things tell a sensor from its machine: it steps and then
/// stays, or it outlives the machine; and it does so alone, because what breaks in a machine shows in several channels.
/// </summary>
internal sealed class OffsetFinder(SketchSpec spec, BlockLevels levels, FaultLimits limits)
{
    // Of a channel with a handful of values, a new value says little about how far away it is.
    public const int FewestEdges = 10;

    // Another channel that has moved nearly as far as quiet units ever do has moved as well.
    private const double MovedToo = 0.7;

    // How unlike the step in the old machine and the offset of the new one may be.
    private const double Alike = 0.3;

    /// <summary>The offset that these blocks show, or null.</summary>
    public Offset? Find(UnitWindow unit)
    {
        double[][] life = [.. unit.Blocks.Select(levels.Of)];
        return InOneLife(unit.Blocks, life) ?? AcrossReplacement(unit, life);
    }

    private Offset? InOneLife(IReadOnlyList<SketchIncrement> blocks, double[][] life)
    {
        for (var before = LevelStep.MostBefore; before >= LevelStep.FewestBefore; before--)
        {
            // Only a young machine has no longer past to compare with.
            var latest = before == LevelStep.MostBefore || blocks[0].FirstFrame < spec.Block ? life.Length : 0;
            var length = LevelStep.Length(before);
            for (var first = 0; first + length <= latest && (before == LevelStep.MostBefore || first == 0); first++)
            {
                if (Contiguous(blocks, first, length) && Alone(life, first, before) is { } channel)
                {
                    var stretch = Stretch(life, channel, first, length);
                    var (height, limit) = (LevelStep.Height(stretch, before), limits.StepsAfter(before)[channel]);
                    if (Math.Abs(height) > limit && LevelStep.IsStep(stretch, before))
                    {
                        var at = blocks[first + before].FirstFrame;
                        return new(channel, at, Math.Abs(height) / limit, string.Create(CultureInfo.InvariantCulture,
                            $"stepped by {height:+0.0;-0.0} of its spread about frame {at} and stayed there, alone of its machine's channels; quiet units step by less than {limit:0.0}. It stands until a sensor-repaired event is recorded"));
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The new machine has from birth what the old one got by a step: no machine hands that on.</summary>
    private Offset? AcrossReplacement(UnitWindow unit, double[][] life)
    {
        if (unit.Before.Count < 3 || life.Length < UnitBirths.Blocks || unit.Blocks[0].FirstFrame >= spec.Block
            || !Contiguous(unit.Blocks, 0, UnitBirths.Blocks))
        {
            return null;
        }

        double[][] old = [.. unit.Before.Select(levels.Of)];
        int[] odd = [.. Enumerable.Range(0, spec.Channels.Length).Where(Judged).Where(c => Math.Abs(Birth(life, c)) > limits.Births.Limits[c])];
        if (odd is not [var channel])
        {
            return null;
        }

        var born = Birth(life, channel);
        var jump = LevelStep.JumpLike(born, Stretch(old, channel, 0, old.Length));
        return Math.Abs(jump - born) > Alike * Math.Abs(born) ? null : new(
            channel,
            0,
            Math.Abs(born) / limits.Births.Limits[channel],
            string.Create(CultureInfo.InvariantCulture,
                $"stepped by {jump:+0.0;-0.0} of its spread on the machine before and is {born:+0.0;-0.0} off on this one since it is new; a machine takes its faults with it. It stands until a sensor-repaired event is recorded"));
    }

    private double Birth(double[][] life, int channel) =>
        LevelStep.Mean(Stretch(life, channel, 0, UnitBirths.Blocks)) - limits.Births.Means[channel];

    /// <summary>The only channel that moved farther than quiet units do, or null.</summary>
    private int? Alone(double[][] life, int first, int before)
    {
        int? alone = null;
        for (var channel = 0; channel < spec.Channels.Length; channel++)
        {
            var height = Math.Abs(LevelStep.Height(Stretch(life, channel, first, LevelStep.Length(before)), before));
            var limit = limits.StepsAfter(before)[channel];
            if (height > limit && Judged(channel) && alone is null)
            {
                alone = channel;
            }
            else if (height > MovedToo * limit)
            {
                return null;
            }
        }

        return alone;
    }

    private bool Judged(int channel) => spec.Channels[channel].Edges.Length >= FewestEdges;

    private static double[] Stretch(double[][] life, int channel, int first, int length) =>
        [.. life.Skip(first).Take(length).Select(block => block[channel])];

    private bool Contiguous(IReadOnlyList<SketchIncrement> blocks, int first, int length) =>
        (blocks[first + length - 1].LastFrame / spec.Block) - (blocks[first].LastFrame / spec.Block) == length - 1
        && blocks.Skip(first).Take(length).All(b => b.Rows * 2 >= spec.Block);
}

/// <param name="Since">The operating age at which it was first seen.</param>
/// <param name="Score">How far beyond the limit: 1 is at it.</param>
internal sealed record Offset(int Channel, long Since, double Score, string Evidence);
