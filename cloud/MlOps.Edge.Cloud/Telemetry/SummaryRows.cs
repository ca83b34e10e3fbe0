using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Takes a summary apart by its rows.</summary>
internal static class SummaryRows
{
    /// <param name="keyOf">Which part a row belongs to, by when it begins (Unix milliseconds).</param>
    /// <returns>The parts by key, each a summary of its own.</returns>
    public static IEnumerable<KeyValuePair<long, Summary>> Split(Summary summary, int channels, Func<long, long> keyOf)
    {
        long[] times = [.. SummaryTimes.Of(summary)];
        if (Array.TrueForAll(times, time => keyOf(time) == keyOf(times[0])))
        {
            return [new(keyOf(times[0]), summary)];
        }

        var encoder = new ColumnEncoder();
        var blocks = ((Google.Protobuf.ByteString[])[summary.Least, summary.Greatest, summary.Mean, summary.Present]).Select(block => Decode(block, times.Length, channels)).ToArray();
        return times.Index().GroupBy(row => keyOf(row.Item)).Select(part => new KeyValuePair<long, Summary>(part.Key, Take(summary, [.. part.Select(row => row.Index)], times, blocks, encoder)));
    }

    private static Summary Take(Summary summary, int[] rows, long[] times, float[][][] blocks, ColumnEncoder encoder)
    {
        var part = new Summary
        {
            Asset = summary.Asset,
            Installation = summary.Installation,
            MachineKind = summary.MachineKind,
            Schema = summary.Schema,
            IntervalMs = summary.IntervalMs,
            FirstTimeMs = times[rows[0]],
            Least = Encode(0),
            Greatest = Encode(1),
            Mean = Encode(2),
            Present = Encode(3),
        };
        part.Frames.AddRange(rows.Select(row => summary.Frames[row]));
        part.Steps.AddRange(rows.Zip(rows.Skip(1), (a, b) => (uint)((times[b] - times[a]) / summary.IntervalMs)));
        return part;

        Google.Protobuf.ByteString Encode(int block) => Google.Protobuf.ByteString.CopyFrom(
            encoder.Encode(blocks[block].Select(column => (ReadOnlyMemory<float>)Array.ConvertAll(rows, row => column[row]))));
    }

    private static float[][] Decode(Google.Protobuf.ByteString block, int rows, int channels)
    {
        var decoder = new ColumnDecoder(block.Span, rows);
        var columns = new float[channels][];
        for (var c = 0; c < channels; c++)
        {
            decoder.Next(columns[c] = new float[rows]);
        }

        return columns;
    }
}
