using System.Globalization;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// Looks for sensor faults in one installation's recent blocks, against its own past: a weak machine is far from the others
/// from birth and by degrees, in several channels; a fault comes at once and in one or two.
/// </summary>
internal sealed class FaultFinder(SketchSpec spec, BlockLevels levels, FaultLimits limits)
{
    private const int MostChannels = 2;
    private const int FewestSpikes = 6;
    private const int FewestSpikyBlocks = 3;

    private readonly OffsetFinder _offsets = new(spec, levels, limits);

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
            for (var channel = 0; channel < spec.Channels.Length; channel++)
            {
                AddMissing(blocks, channel, Add);
                AddStuck(blocks, channel, Add);
                AddSpikes(blocks, channel, Add);
            }

            if (_offsets.Find(unit) is { } offset)
            {
                Add(offset.Channel, DeviceFaultKind.Offset, offset.Since, offset.Score, offset.Evidence);
            }
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

    private void AddSpikes(IReadOnlyList<SketchIncrement> blocks, int channel, Fault add)
    {
        // Of a channel with a handful of values, a new value says little about how far away it is.
        if (spec.Channels[channel].Edges.Length < OffsetFinder.FewestEdges)
        {
            return;
        }

        // Bins: far below, below, what quiet units show, above, far above, missing.
        var missing = spec.Channels[channel].MissingBin;
        var (far, beyond, spiky) = (0L, 0L, 0);
        foreach (var block in blocks)
        {
            var cells = block.Cells.Where(c => c.Channel == channel).ToArray();
            var jumps = cells.Where(c => c.Bin == 0 || c.Bin == missing - 1).Sum(c => c.Count);

            // A machine that is getting worse leaves the range for good; a loose contact comes back.
            spiky += jumps > 0 && jumps * 2 < block.Rows ? 1 : 0;
            far += jumps;
            beyond += cells.Where(c => c.Bin == 1 || c.Bin == missing - 2).Sum(c => c.Count);
        }

        if (far >= FewestSpikes && spiky >= FewestSpikyBlocks && beyond * 3 <= far && far * 2 < blocks.Sum(b => b.Rows))
        {
            add(channel, DeviceFaultKind.Spikes, blocks[0].FirstFrame, (double)far / FewestSpikes, string.Create(CultureInfo.InvariantCulture,
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
}
