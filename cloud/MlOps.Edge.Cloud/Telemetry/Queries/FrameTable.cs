using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>The frames of a unit in one slice of time, in order of time, each once.</summary>
internal sealed class FrameTable
{
    private readonly IReadOnlyList<Row> _rows;
    private readonly int _channels;

    private FrameTable(IReadOnlyList<Row> rows, int channels) => (_rows, _channels) = (rows, channels);

    public int Count => _rows.Count;

    /// <param name="batches">Those that may hold frames of the slice.</param>
    /// <param name="fromMs">Included.</param>
    /// <param name="toMs">Excluded.</param>
    /// <param name="given">Frames of earlier slices; those of this one are added.</param>
    public static FrameTable Read(IEnumerable<StoredBatch> batches, UnitRef unit, IReadOnlyList<string> channels, long fromMs, long toMs, FrameLedger given)
    {
        var rows = new List<Row>();
        var (asset, installation) = (unit.Asset.ToString(), (uint)unit.Installation);

        // What was stored first counts. A batch comes once for each of its blocks.
        foreach (var stored in batches.OrderBy(b => b.Position).DistinctBy(b => b.Position))
        {
            var batch = TelemetryReader.Decode(stored);
            foreach (var block in batch.Readings.Where(b => b.Installation == installation && b.Asset == asset))
            {
                Take(new(stored.Device, batch, block, channels), fromMs, toMs, given, rows);
            }
        }

        rows.Sort((a, b) => a.Ms != b.Ms ? a.Ms.CompareTo(b.Ms) : a.Frame.CompareTo(b.Frame));
        return new(rows, channels.Count);
    }

    /// <summary>Pages of one device each, and of no more rows than asked for.</summary>
    public IEnumerable<TelemetryPage> Pages(UnitExtent unit, int most)
    {
        for (var start = 0; start < _rows.Count;)
        {
            var end = start + 1;
            while (end < _rows.Count && end - start < most && _rows[end].Source.Device == _rows[start].Source.Device)
            {
                end++;
            }

            yield return Page(unit, start, end - start);
            start = end;
        }
    }

    public void AddTo(IntervalTable table)
    {
        foreach (var row in _rows)
        {
            table.AddFrame(row.Ms, row.Source.Columns, row.Index);
        }
    }

    private TelemetryPage Page(UnitExtent unit, int start, int count)
    {
        var (times, frames) = (new long[count], new long[count]);
        var values = Enumerable.Range(0, _channels).Select(_ => new float[count]).ToArray();
        for (var i = 0; i < count; i++)
        {
            var row = _rows[start + i];
            (times[i], frames[i]) = (row.Ms, row.Frame);
            for (var c = 0; c < values.Length; c++)
            {
                values[c][i] = row.Source.Columns[c] is { } column ? column[row.Index] : float.NaN;
            }
        }

        return new() { Unit = unit.Unit, MachineKind = unit.MachineKind, Device = _rows[start].Source.Device, Times = times, Frames = frames, Values = values };
    }

    private static void Take(Source source, long fromMs, long toMs, FrameLedger given, List<Row> rows)
    {
        var times = new FrameTimes(source.Block).ToArray();
        for (var i = 0; i < times.Length; i++)
        {
            var frame = (long)source.Block.FirstFrame + i;
            if (times[i] >= fromMs && times[i] < toMs && !given.Holds(frame))
            {
                given.Add(frame);
                rows.Add(new(times[i], frame, source, i));
            }
        }
    }

    private readonly record struct Row(long Ms, long Frame, Source Source, int Index);

    /// <summary>A block, unpacked when the first of its frames is looked at.</summary>
    private sealed class Source(DeviceId device, TelemetryBatch batch, Readings block, IReadOnlyList<string> channels)
    {
        private float[]?[]? _columns;

        public DeviceId Device => device;

        public Readings Block => block;

        public float[]?[] Columns => _columns ??= ReadingColumns.Of(batch, block).Decode(channels);
    }
}
