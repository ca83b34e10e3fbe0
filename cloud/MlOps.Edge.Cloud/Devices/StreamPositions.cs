using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What is stored of each stream of one device, kept in step with the store by whoever appends.</summary>
internal sealed class StreamPositions
{
    // An acknowledgement stays a small message whatever a device has done to its streams.
    private const int Shown = 64;

    private readonly Dictionary<Guid, SequenceSet> _streams = [];

    public static StreamPositions From(IReadOnlyList<StreamExtent> extents)
    {
        var positions = new StreamPositions();
        foreach (var extent in extents)
        {
            foreach (var (first, last) in extent.Ranges)
            {
                positions.Of(extent.StreamEpoch).Add(first, last);
            }
        }

        return positions;
    }

    /// <summary>The 16 bytes of an epoch, as something that can be compared.</summary>
    public static Guid Key(byte[] epoch) => new(epoch, bigEndian: true);

    /// <summary>Adds what is stored now, and what the batch says will never come.</summary>
    public void Add(TelemetryRecord record)
    {
        var stored = Of(record.StreamEpoch);
        stored.Add(record.Sequence, record.Sequence);
        foreach (var gap in record.Gaps)
        {
            if (gap.FirstSequence > 0)
            {
                stored.Add((long)gap.FirstSequence, (long)gap.LastSequence);
            }
        }
    }

    /// <summary>A stream that nothing is stored of stands at 0.</summary>
    public StreamPosition At(Guid stream)
    {
        var stored = _streams.TryGetValue(stream, out var known) ? known.Spans : [];
        var through = stored is [{ First: <= 1 } contiguous, ..] ? contiguous.Last : 0;
        return new StreamPosition(stream.ToString("N"), through, [.. stored.Skip(through == 0 ? 0 : 1).Take(Shown)]);
    }

    private SequenceSet Of(byte[] epoch)
    {
        var key = Key(epoch);
        if (!_streams.TryGetValue(key, out var stored))
        {
            _streams.Add(key, stored = new SequenceSet());
        }

        return stored;
    }
}
