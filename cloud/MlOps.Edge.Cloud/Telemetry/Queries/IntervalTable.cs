using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>Figures of intervals by when they begin, put together from rollups and frames.</summary>
internal sealed class IntervalTable(RollupInterval interval, IReadOnlyList<string> channels)
{
    private readonly SortedDictionary<long, Row> _rows = [];

    public int Count => _rows.Count;

    /// <summary>When the newest begins; null: there is none.</summary>
    public long? LastMs { get; private set; }

    public void AddFrame(long ms, float[]?[] columns, int index)
    {
        var row = RowAt(RollupTime.RowOf(interval, ms));
        row.Frames++;
        for (var c = 0; c < columns.Length; c++)
        {
            if (columns[c] is { } column && !float.IsNaN(column[index]))
            {
                row.Add(c, column[index], column[index], column[index], 1);
            }
        }
    }

    /// <summary>Takes the rows that begin in a span. Those of another schema add up.</summary>
    public void Add(RollupChunk chunk, long fromMs, long toMs)
    {
        var (rows, summary) = (chunk.Rows.Frames.Count, chunk.Rows);
        var at = chunk.Schema.Channels.Select(c => IndexOf(c.Name)).ToArray();
        var (least, greatest) = (Unpack(summary.Least.Span, rows, at), Unpack(summary.Greatest.Span, rows, at));
        var (mean, present) = (Unpack(summary.Mean.Span, rows, at), Unpack(summary.Present.Span, rows, at));
        var ms = summary.FirstTimeMs;
        for (var r = 0; r < rows; r++)
        {
            ms += r == 0 ? 0 : (long)interval * (summary.Steps.Count == 0 ? 1 : summary.Steps[r - 1]);
            if (ms < fromMs || ms >= toMs)
            {
                continue;
            }

            var row = RowAt(ms);
            row.Frames += summary.Frames[r];
            for (var c = 0; c < channels.Count; c++)
            {
                if (present[c] is { } counts && counts[r] > 0)
                {
                    row.Add(c, least[c]![r], greatest[c]![r], mean[c]![r], (long)counts[r]);
                }
            }
        }
    }

    /// <summary>Of an interval that both know, that which knows more of its frames counts.</summary>
    public void TakeFuller(IntervalTable other)
    {
        foreach (var (ms, row) in other._rows)
        {
            if (!_rows.TryGetValue(ms, out var mine) || mine.Frames < row.Frames)
            {
                _rows[ms] = row;
            }
        }
    }

    public IEnumerable<TelemetryPage> Pages(UnitExtent unit, int most) => _rows.Chunk(most).Select(rows => new TelemetryPage
    {
        Unit = unit.Unit,
        MachineKind = unit.MachineKind,
        Device = unit.Device,
        Times = [.. rows.Select(r => r.Key)],
        Values = Columns(rows, (row, c) => row.Mean(c)),
        Intervals = new([.. rows.Select(r => r.Value.Frames)], Columns(rows, (row, c) => row.Least[c]), Columns(rows, (row, c) => row.Greatest[c])),
    });

    private float[][] Columns(KeyValuePair<long, Row>[] rows, Func<Row, int, float> value) =>
        [.. Enumerable.Range(0, channels.Count).Select(c => Array.ConvertAll(rows, row => value(row.Value, c)))];

    // The columns that are wanted, each in its place.
    private float[]?[] Unpack(ReadOnlySpan<byte> block, int rows, int[] places)
    {
        var columns = new float[]?[channels.Count];
        var decoder = new ColumnDecoder(block, rows);
        foreach (var place in places)
        {
            if (place < 0)
            {
                decoder.Skip();
            }
            else
            {
                decoder.Next(columns[place] = new float[rows]);
            }
        }

        return columns;
    }

    private int IndexOf(string channel)
    {
        var index = channels.Count - 1;
        while (index >= 0 && channels[index] != channel)
        {
            index--;
        }

        return index;
    }

    private Row RowAt(long ms)
    {
        if (!_rows.TryGetValue(ms, out var row))
        {
            _rows.Add(ms, row = new(channels.Count));
            LastMs = Math.Max(LastMs ?? ms, ms);
        }

        return row;
    }

    private sealed class Row
    {
        private readonly double[] _sums;
        private readonly long[] _present;

        public Row(int channels)
        {
            (_sums, _present, Least, Greatest) = (new double[channels], new long[channels], new float[channels], new float[channels]);
            Array.Fill(Least, float.NaN);
            Array.Fill(Greatest, float.NaN);
        }

        public long Frames { get; set; }

        public float[] Least { get; }

        public float[] Greatest { get; }

        public float Mean(int c) => _present[c] == 0 ? float.NaN : (float)(_sums[c] / _present[c]);

        public void Add(int c, float least, float greatest, float mean, long present)
        {
            Least[c] = _present[c] == 0 ? least : Math.Min(Least[c], least);
            Greatest[c] = _present[c] == 0 ? greatest : Math.Max(Greatest[c], greatest);
            _sums[c] += (double)mean * present;
            _present[c] += present;
        }
    }
}
