using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What is stored of each stream of one device, kept in step with the store by whoever appends.</summary>
internal sealed class StreamPositions
{
    // An acknowledgement stays a small message whatever a device has done to its streams.
    private const int Shown = 64;

    private readonly Dictionary<string, SequenceSet> _streams = new(StringComparer.Ordinal);

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

    public StreamPosition Store(TelemetryRecord record)
    {
        var stored = Of(record.StreamEpoch);
        stored.Add(record.Sequence, record.Sequence);
        foreach (var gap in record.Gaps.Where(gap => gap.FirstSequence > 0))
        {
            stored.Add((long)gap.FirstSequence, (long)gap.LastSequence);
        }

        return At(record.StreamEpoch);
    }

    /// <summary>A stream that nothing is stored of stands at 0.</summary>
    public StreamPosition At(byte[] epoch)
    {
        var key = Convert.ToHexStringLower(epoch);
        var stored = _streams.TryGetValue(key, out var known) ? known.Spans : [];
        var through = stored is [{ First: <= 1 } contiguous, ..] ? contiguous.Last : 0;
        return new StreamPosition(key, through, [.. stored.Skip(through == 0 ? 0 : 1).Take(Shown)]);
    }

    private SequenceSet Of(byte[] epoch)
    {
        var key = Convert.ToHexStringLower(epoch);
        if (!_streams.TryGetValue(key, out var stored))
        {
            _streams.Add(key, stored = new SequenceSet());
        }

        return stored;
    }
}
