using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What is stored of each stream of one device, kept in step with the store by whoever appends.</summary>
internal sealed class StreamPositions
{
    // An acknowledgement stays a small message whatever a device has done to its streams.
    private const int Shown = 64;

    private readonly Dictionary<string, Stream> _streams = new(StringComparer.Ordinal);

    public static StreamPositions From(IReadOnlyList<StreamExtent> extents)
    {
        var positions = new StreamPositions();
        foreach (var extent in extents)
        {
            foreach (var (first, last) in extent.Ranges)
            {
                positions.Of(extent.StreamEpoch).Stored.Add(first, last);
            }
        }

        return positions;
    }

    public StreamPosition Store(TelemetryRecord record)
    {
        var stream = Of(record.StreamEpoch);
        stream.Stored.Add(record.Sequence, record.Sequence);
        foreach (var (first, last) in record.Gaps)
        {
            stream.Stored.Add(first, last);
        }

        return Position(record.StreamEpoch, stream);
    }

    public StreamPosition Refuse(TelemetryRecord record)
    {
        var stream = Of(record.StreamEpoch);
        stream.Refused.Add(record.Sequence, record.Sequence);
        return Position(record.StreamEpoch, stream);
    }

    private Stream Of(byte[] epoch)
    {
        var key = Convert.ToHexStringLower(epoch);
        if (!_streams.TryGetValue(key, out var stream))
        {
            _streams.Add(key, stream = new Stream());
        }

        return stream;
    }

    private static StreamPosition Position(byte[] epoch, Stream stream)
    {
        var stored = stream.Stored.Spans;
        var through = stored is [{ First: <= 1 } contiguous, ..] ? contiguous.Last : 0;
        return new StreamPosition(
            Convert.ToHexStringLower(epoch), through,
            [.. stored.Skip(through == 0 ? 0 : 1).Take(Shown)], [.. stream.Refused.Spans.Take(Shown)]);
    }

    private sealed class Stream
    {
        public SequenceSet Stored { get; } = new();

        public SequenceSet Refused { get; } = new();
    }
}
