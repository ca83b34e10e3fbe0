using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What a summary of readings must be.</summary>
internal static class SummaryCheck
{
    /// <summary>The interval of the rows, the only one of this protocol.</summary>
    public const uint IntervalMs = 60_000;

    public static UnitRef Unit(Summary summary, Schema schema)
    {
        var unit = BatchCheck.Unit(summary.Asset, summary.Installation);
        var rows = summary.Frames.Count;
        BatchCheck.Require(summary.IntervalMs == IntervalMs, $"the summary of {unit} has an interval of {summary.IntervalMs} ms, not {IntervalMs}");
        BatchCheck.Require(rows is >= 1 and <= BatchCheck.MaxFrames, $"the summary of {unit} has {rows} rows");
        BatchCheck.Require(summary.Steps.Count == 0 || summary.Steps.Count == rows - 1, $"the summary of {unit} has {summary.Steps.Count} steps for {rows} rows");
        BatchCheck.Require((long)rows * schema.Channels.Count * 4 <= BatchCheck.MaxValues, $"the summary of {unit} has more than {BatchCheck.MaxValues} values");
        BatchCheck.Require(summary.FirstFrame <= summary.LastFrame && summary.LastFrame <= BatchCheck.MaxNumber, $"the summary of {unit} stands for no frames");
        foreach (var block in (Google.Protobuf.ByteString[])[summary.Least, summary.Greatest, summary.Mean, summary.Present])
        {
            Read(unit, block.Span, rows, schema.Channels.Count);
        }

        return unit;
    }

    private static void Read(UnitRef unit, ReadOnlySpan<byte> block, int rows, int columns)
    {
        try
        {
            var decoder = new ColumnDecoder(block, rows);
            var values = new float[rows];
            for (var c = 0; c < columns; c++)
            {
                decoder.Next(values);
            }

            BatchCheck.Require(decoder.AtEnd, $"the summary of {unit} has bytes behind its last column");
        }
        catch (FormatException e)
        {
            throw new RejectedBatchException(RefusalCode.Content, $"the summary of {unit}: {e.Message}");
        }
    }
}
