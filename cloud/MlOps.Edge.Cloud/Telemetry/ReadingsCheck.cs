using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What a block of readings must be, and which frames it holds.</summary>
internal static class ReadingsCheck
{
    private const int BytesPerValue = sizeof(float);

    // DateTimeOffset ends with the year 9999.
    private static readonly long LatestMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static UnitSpan Span(Readings block)
    {
        var unit = BatchCheck.Unit(block.Asset, block.Installation);
        BatchCheck.Require(block.Frames is >= 1 and <= BatchCheck.MaxFrames, $"the readings of {unit} have {block.Frames} frames");
        BatchCheck.Require(block.FirstFrame <= BatchCheck.MaxNumber, $"the first frame of {unit} is {block.FirstFrame}");
        BatchCheck.Require(block.MachineKind.Length is > 0 and <= 64, $"the machine kind of {unit} is missing or too long");
        BatchCheck.Require(
            block.IntervalMs > 0 || block.TimeDeltasMs.Count == block.Frames - 1,
            $"the readings of {unit} have no interval and {block.TimeDeltasMs.Count} time deltas for {block.Frames} frames");
        BatchCheck.Require(block.Columns.Count is >= 1 and <= BatchCheck.MaxColumns, $"the readings of {unit} have {block.Columns.Count} columns");

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in block.Columns)
        {
            BatchCheck.Require(column.Channel.Length is > 0 and <= 128, $"a channel of {unit} has no name, or one too long");
            BatchCheck.Require(names.Add(column.Channel), $"the channel '{column.Channel}' of {unit} comes twice in one block");
            BatchCheck.Require(
                column.Float32.Length == block.Frames * BytesPerValue,
                $"the channel '{column.Channel}' of {unit} has {column.Float32.Length} bytes for {block.Frames} frames of {BytesPerValue}");
        }

        var times = new FrameTimes(block);
        BatchCheck.Require(times.FirstMs >= 0 && times.FirstMs <= LatestMs && times.LastMs <= LatestMs, $"the times of {unit} are outside 1970 to 9999");
        var first = (long)block.FirstFrame;
        return new UnitSpan(unit, block.MachineKind, first, first + block.Frames - 1, times.Last, (long)block.Frames * block.Columns.Count);
    }
}
