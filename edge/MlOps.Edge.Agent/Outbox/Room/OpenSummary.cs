using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Agent.Outbox.Room;

/// <summary>Consecutive frames of one installation, summed up by the minute.</summary>
/// <param name="first">The readings that it begins with.</param>
/// <param name="schema">Their columns.</param>
internal sealed class OpenSummary(Readings first, Schema schema)
{
    private const long MinuteMs = 60_000;
    private readonly SortedDictionary<long, MinuteRow> _rows = [];
    private ulong _next = first.FirstFrame;

    public Schema Schema => schema;

    /// <summary>About what it takes on the wire: three floats and a count for each channel of a row.</summary>
    public long Bytes => 16L + (_rows.Count * ((schema.Channels.Count * ((3 * sizeof(float)) + 1)) + 3L));

    /// <summary>Whether readings go on where these end: the same unit and columns, the next age.</summary>
    public bool Continues(Readings readings, Schema columns) =>
        readings.Asset == first.Asset && readings.Installation == first.Installation && readings.MachineKind == first.MachineKind
        && readings.FirstFrame == _next && columns.Equals(schema);

    /// <param name="columns"><c>[C][frames]</c></param>
    public void Add(Readings readings, float[][] columns)
    {
        var time = readings.FirstTimeMs;
        for (var frame = 0; frame < readings.Frames; frame++)
        {
            time += frame == 0 ? 0 : readings.IntervalMs > 0 ? readings.IntervalMs : readings.TimeDeltasMs[frame - 1];
            var minute = (long)Math.Floor(time / (double)MinuteMs);
            if (!_rows.TryGetValue(minute, out var row))
            {
                _rows[minute] = row = new(schema.Channels.Count);
            }

            row.Add(columns, frame);
        }

        _next = readings.FirstFrame + readings.Frames;
    }

    public Summary ToSummary(ColumnEncoder encoder)
    {
        long[] minutes = [.. _rows.Keys];
        var summary = new Summary
        {
            Asset = first.Asset,
            Installation = first.Installation,
            MachineKind = first.MachineKind,
            Schema = SchemaId.Of(schema),
            IntervalMs = (uint)MinuteMs,
            FirstTimeMs = minutes[0] * MinuteMs,
            FirstFrame = first.FirstFrame,
            LastFrame = _next - 1,
            Least = Block(encoder, (row, channel) => row.Least(channel)),
            Greatest = Block(encoder, (row, channel) => row.Greatest(channel)),
            Mean = Block(encoder, (row, channel) => row.Mean(channel)),
            Present = Block(encoder, (row, channel) => row.Present(channel)),
        };
        summary.Frames.AddRange(_rows.Values.Select(row => (uint)row.Frames));
        if (minutes[^1] - minutes[0] != minutes.Length - 1)
        {
            summary.Steps.AddRange(minutes.Skip(1).Zip(minutes, (minute, before) => (uint)(minute - before)));
        }

        return summary;
    }

    private ByteString Block(ColumnEncoder encoder, Func<MinuteRow, int, float> value) => UnsafeByteOperations.UnsafeWrap(encoder.Encode(
        Enumerable.Range(0, schema.Channels.Count).Select(channel => (ReadOnlyMemory<float>)_rows.Values.Select(row => value(row, channel)).ToArray())));
}
