using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Upkeep;

/// <summary>
/// The figures of some intervals of one unit and schema: for each the frames, and for each channel the least, the greatest and the mean of the values
/// that are numbers, and how many those are. Tallies of different frames add up, in any order, up to the rounding of the mean to float32.
/// </summary>
internal sealed class RollupTally(int channels)
{
    private readonly SortedDictionary<long, Row> _rows = [];

    public bool IsEmpty => _rows.Count == 0;

    /// <summary>A tally of its own that counts this and what is stored.</summary>
    public RollupTally With(Summary? stored)
    {
        var whole = new RollupTally(channels);
        if (stored is not null)
        {
            whole.Add(stored, time => time);
        }

        foreach (var (time, row) in _rows)
        {
            whole.RowAt(time).Take(row);
        }

        return whole;
    }

    /// <param name="row">When the interval begins, Unix milliseconds.</param>
    /// <param name="columns">C columns; those from <paramref name="from"/> to before <paramref name="to"/> lie in the interval.</param>
    public void Add(long row, float[][] columns, int from, int to)
    {
        var into = RowAt(row);
        into.Frames += (uint)(to - from);
        for (var c = 0; c < channels; c++)
        {
            into.Take(c, columns[c].AsSpan(from, to - from));
        }
    }

    /// <summary>Adds what is stored, or what a device summarised.</summary>
    /// <param name="rowOf">Where a row of the summary belongs.</param>
    public void Add(Summary summary, Func<long, long> rowOf)
    {
        var rows = summary.Frames.Count;
        var (least, greatest, mean, present) = (Decode(summary.Least, rows), Decode(summary.Greatest, rows), Decode(summary.Mean, rows), Decode(summary.Present, rows));
        foreach (var (r, time) in SummaryTimes.Of(summary).Index())
        {
            var into = RowAt(rowOf(time));
            into.Frames += summary.Frames[r];
            for (var c = 0; c < channels; c++)
            {
                into.Take(c, least[c][r], greatest[c][r], mean[c][r], present[c][r]);
            }
        }
    }

    /// <param name="interval">Of the rows.</param>
    public Summary ToSummary(RollupInterval interval, ColumnEncoder encoder)
    {
        Row[] rows = [.. _rows.Values];
        var summary = new Summary
        {
            IntervalMs = (uint)interval,
            FirstTimeMs = _rows.Keys.First(),
            Least = Encode(row => row.Least),
            Greatest = Encode(row => row.Greatest),
            Mean = Encode(row => row.Mean),
            Present = Encode(row => row.Present),
        };
        summary.Frames.AddRange(rows.Select(row => row.Frames));
        uint[] steps = [.. _rows.Keys.Zip(_rows.Keys.Skip(1), (a, b) => (uint)((b - a) / (long)interval))];
        if (Array.Exists(steps, step => step != 1))
        {
            summary.Steps.AddRange(steps);
        }

        return summary;

        ByteString Encode(Converter<Row, float[]> figure)
        {
            var figures = Array.ConvertAll(rows, figure);
            return UnsafeByteOperations.UnsafeWrap(encoder.Encode(Enumerable.Range(0, channels).Select(c => (ReadOnlyMemory<float>)Array.ConvertAll(figures, row => row[c]))));
        }
    }

    private Row RowAt(long time)
    {
        if (!_rows.TryGetValue(time, out var row))
        {
            _rows.Add(time, row = new(channels));
        }

        return row;
    }

    private float[][] Decode(ByteString block, int rows)
    {
        var decoder = new ColumnDecoder(block.Span, rows);
        var columns = new float[channels][];
        for (var c = 0; c < channels; c++)
        {
            decoder.Next(columns[c] = new float[rows]);
        }

        return columns;
    }

    private sealed class Row
    {
        private readonly double[] _sums;

        public Row(int channels)
        {
            (Least, Greatest, Present, _sums) = (new float[channels], new float[channels], new float[channels], new double[channels]);
            Array.Fill(Least, float.NaN);
            Array.Fill(Greatest, float.NaN);
        }

        public uint Frames { get; set; }

        public float[] Least { get; }

        public float[] Greatest { get; }

        /// <summary>Counts; a float32 holds them exactly up to 2^24, a frame each 4 ms for a day.</summary>
        public float[] Present { get; }

        public float[] Mean => [.. _sums.Select((sum, c) => Present[c] == 0 ? float.NaN : (float)(sum / Present[c]))];

        public void Take(int channel, ReadOnlySpan<float> values)
        {
            var (least, greatest, sum, present) = (float.PositiveInfinity, float.NegativeInfinity, 0d, 0);
            foreach (var value in values)
            {
                if (!float.IsNaN(value))
                {
                    (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
                    sum += value;
                    present++;
                }
            }

            if (present > 0)
            {
                Take(channel, least, greatest, sum, present);
            }
        }

        public void Take(Row other)
        {
            Frames += other.Frames;
            for (var c = 0; c < _sums.Length; c++)
            {
                if (other.Present[c] > 0)
                {
                    Take(c, other.Least[c], other.Greatest[c], other._sums[c], (int)other.Present[c]);
                }
            }
        }

        public void Take(int channel, float least, float greatest, float mean, float present)
        {
            if (present > 0)
            {
                Take(channel, least, greatest, (double)mean * present, (int)present);
            }
        }

        private void Take(int channel, float least, float greatest, double sum, int present)
        {
            var first = Present[channel] == 0;
            Least[channel] = first ? least : Math.Min(Least[channel], least);
            Greatest[channel] = first ? greatest : Math.Max(Greatest[channel], greatest);
            _sums[channel] += sum;
            Present[channel] += present;
        }
    }
}
