using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What a block of readings must be, and which frames it holds.</summary>
internal static class ReadingsCheck
{
    // DateTimeOffset ends with the year 9999.
    private static readonly long LatestMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <param name="columns">Of the block.</param>
    /// <param name="room">Values that the batch may still have.</param>
    public static UnitSpan Span(Readings block, ReadingColumns columns, long room)
    {
        var unit = BatchCheck.Unit(block.Asset, block.Installation);
        BatchCheck.Require(block.Frames is >= 1 and <= BatchCheck.MaxFrames, $"the readings of {unit} have {block.Frames} frames");
        BatchCheck.Require(block.FirstFrame <= BatchCheck.MaxNumber, $"the first frame of {unit} is {block.FirstFrame}");
        BatchCheck.Require(block.MachineKind.Length is > 0 and <= 64, $"the machine kind of {unit} is missing or too long");
        BatchCheck.Require(
            block.IntervalMs > 0 || block.TimeDeltasMs.Count == block.Frames - 1,
            $"the readings of {unit} have no interval and {block.TimeDeltasMs.Count} time deltas for {block.Frames} frames");
        var latest = Latest(unit, block, columns, room);
        var times = new FrameTimes(block);
        BatchCheck.Require(times.FirstMs >= 0 && times.FirstMs <= LatestMs && times.LastMs <= LatestMs, $"the times of {unit} are outside 1970 to 9999");
        var first = (long)block.FirstFrame;
        return new UnitSpan(unit, block.MachineKind, first, first + block.Frames - 1, times.Last, (long)block.Frames * latest.Length)
        {
            FirstTime = times.At(0),
            Schema = block.Schema.IsEmpty ? SchemaId.Of(columns.Schema).Memory : block.Schema.Memory,
            Latest = latest,
        };
    }

    /// <summary>The last row. The columns are all read once here, so that nothing is stored that cannot be read.</summary>
    private static float[] Latest(UnitRef unit, Readings block, ReadingColumns columns, long room)
    {
        try
        {
            BatchCheck.Require(columns.Count is >= 1 and <= BatchCheck.MaxColumns, $"the readings of {unit} have {columns.Count} columns");
            BatchCheck.Require((long)columns.Count * block.Frames <= room, $"the readings of {unit} are {columns.Count} columns of {block.Frames} frames; a batch has at most {BatchCheck.MaxValues} values");
            if (block.Schema.IsEmpty)
            {
                CheckNames(columns.Schema, $"the readings of {unit}");
            }

            return columns.DecodeLast();
        }
        catch (FormatException e)
        {
            throw new RejectedBatchException(RefusalCode.Content, $"the readings of {unit}: {e.Message}");
        }
    }

    /// <param name="schema">One that came with the batch: one that is stored was checked when it came.</param>
    public static void CheckNames(Schema schema, string of)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var channel in schema.Channels)
        {
            BatchCheck.Require(channel.Name.Length is > 0 and <= 128, $"a channel of {of} has no name, or one too long");
            BatchCheck.Require(!channel.Name.Any(char.IsControl), $"a channel of {of} has a name with a control character");
            BatchCheck.Require(!channel.Unit.Any(char.IsControl), $"the unit of the channel '{channel.Name}' of {of} has a control character");
            BatchCheck.Require(names.Add(channel.Name), $"the channel '{channel.Name}' of {of} comes twice");
        }
    }
}
