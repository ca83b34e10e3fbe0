using System.Globalization;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// Looks for sensor faults in one installation's recent blocks, against its own past: a weak machine is far from the others
/// from birth and by degrees, in several channels; a fault comes at once and in one or two.
/// </summary>
internal sealed class FaultFinder(SketchSpec spec, BlockLevels levels, FaultLimits limits)
{
    private const int MostChannels = 2;

    /// <summary>The faults that these blocks show, at most one per channel, in the order of the channels.</summary>
    public IReadOnlyList<DeviceFault> Find(UnitWindow unit)
    {
        var (device, blocks) = (unit.Device, unit.Blocks);
        var found = new SortedDictionary<int, DeviceFault>();
        void Add(int channel, DeviceFaultKind kind, long since, double score, string evidence) => found.TryAdd(
            channel,
            new(device, unit.Asset, unit.Installation, spec.Channels[channel].Name, kind, since, score, $"{spec.Channels[channel].Name} of {device} {evidence}"));

        if (blocks.Count > 0)
        {
            // The first to name a channel has it: a silent value often lies off its old level, which is a step as well.
            var counts = new WindowCounts(spec, blocks);
            for (var channel = 0; channel < spec.Channels.Length; channel++)
            {
                AddMissing(blocks, channel, Add);
                AddStuck(blocks, channel, Add);
                AddSpikes(counts.Counts(channel), blocks[0].FirstFrame, channel, Add);
            }

            AddSteps(blocks, Add);
            AddRangeSteps(unit, Add);
        }

        // What moves many channels at once is the machine or its operation, not a sensor.
        return found.Count <= MostChannels ? [.. found.Values] : [];
    }

    /// <summary>Whether the newest blocks still show a stuck or missing channel.</summary>
    public bool StillSilent(DeviceFaultKind kind, int channel, IReadOnlyList<SketchIncrement> blocks) => kind switch
    {
        DeviceFaultKind.Stuck => blocks.TakeLast(1).Any(b => b.LongestRuns[channel] >= limits.Runs[channel]),
        DeviceFaultKind.Missing => MissingShare(blocks, channel) >= 0.5,
        _ => false,
    };

    private delegate void Fault(int channel, DeviceFaultKind kind, long since, double score, string evidence);

    private void AddSteps(IReadOnlyList<SketchIncrement> blocks, Fault add)
    {
        double[][] life = [.. blocks.Select(levels.Of)];
        Span<double> stretch = stackalloc double[LevelStep.Blocks];
        for (var last = LevelStep.Blocks; last <= life.Length; last++)
        {
            if (!Contiguous(blocks, last))
            {
                continue;
            }

            for (var channel = 0; channel < spec.Channels.Length; channel++)
            {
                for (var i = 0; i < LevelStep.Blocks; i++)
                {
                    stretch[i] = life[last - LevelStep.Blocks + i][channel];
                }

                var height = LevelStep.Height(stretch);
                var limit = limits.Steps[channel];
                if (Math.Abs(height) > limit && LevelStep.IsStep(stretch))
                {
                    var at = blocks[last - 3].FirstFrame;
                    add(channel, DeviceFaultKind.Offset, at, Math.Abs(height) / limit, string.Create(CultureInfo.InvariantCulture,
                        $"stepped by {height:+0.0;-0.0} of its spread about frame {at} and stayed there; quiet units step by less than {limit:0.0}"));
                }
            }
        }
    }

    private void AddRangeSteps(UnitWindow unit, Fault add)
    {
        for (var channel = 0; channel < spec.Channels.Length; channel++)
        {
            if (RangeStep.Find(unit, spec, channel) is { } at)
            {
                add(channel, DeviceFaultKind.Offset, at, 1,
                    "left all that training ever saw within a block's time and stayed outside, whatever machine it watched");
            }
        }
    }

    private void AddStuck(IReadOnlyList<SketchIncrement> blocks, int channel, Fault add)
    {
        var limit = limits.Runs[channel];
        var longest = blocks.MaxBy(b => b.LongestRuns[channel])!;
        var run = longest.LongestRuns[channel];
        if (run >= limit)
        {
            add(channel, DeviceFaultKind.Stuck, Math.Max(0, longest.LastFrame - run + 1), (double)run / limit, string.Create(
                CultureInfo.InvariantCulture, $"gave the same value {run} times in a row; {limit} would be too many for a quiet unit"));
        }
    }

    private static void AddSpikes(long[] counts, long since, int channel, Fault add)
    {
        // Bins: far below, below, what quiet units show, above, far above, missing.
        var values = counts.Length - 1;
        if (values < 5)
        {
            return;
        }

        var far = counts[0] + counts[values - 1];
        var beyond = counts[1] + counts[values - 2];
        if (far >= 3 && beyond * 3 <= far && far * 2 < counts.Sum())
        {
            add(channel, DeviceFaultKind.Spikes, since, far / 3.0, string.Create(CultureInfo.InvariantCulture,
                $"jumped {far} times to values that no unit comes near, and back"));
        }
    }

    private void AddMissing(IReadOnlyList<SketchIncrement> blocks, int channel, Fault add)
    {
        var share = MissingShare(blocks, channel);
        if (blocks.Count >= 2 && share >= 0.5 && !limits.MayBeMissing[channel])
        {
            add(channel, DeviceFaultKind.Missing, blocks[^2].FirstFrame, share / 0.5, string.Create(CultureInfo.InvariantCulture,
                $"is missing in {share:P0} of the last two blocks"));
        }
    }

    private double MissingShare(IReadOnlyList<SketchIncrement> blocks, int channel)
    {
        var recent = blocks.TakeLast(2).ToArray();
        var missing = recent.SelectMany(b => b.Cells)
            .Where(c => c.Channel == channel && c.Bin == spec.Channels[channel].MissingBin).Sum(c => c.Count);
        return missing / (double)Math.Max(1, recent.Sum(b => b.Rows));
    }

    private bool Contiguous(IReadOnlyList<SketchIncrement> blocks, int last)
    {
        var first = last - LevelStep.Blocks;
        return (blocks[last - 1].LastFrame / spec.Block) - (blocks[first].LastFrame / spec.Block) == LevelStep.Blocks - 1
            && blocks.Skip(first).Take(LevelStep.Blocks).All(b => b.Rows * 2 >= spec.Block);
    }
}
