using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>What becomes of batches that were handed over together, batch by batch.</summary>
internal sealed class IngestTally(int batches)
{
    private readonly BatchFate[] _fates = new BatchFate[batches];
    private readonly HashSet<Guid> _streams = [];
    private readonly List<BatchRefusal> _refusals = [];
    private readonly SortedSet<string> _wants = new(StringComparer.Ordinal);
    private readonly List<string> _unreadable = [];

    public void Store(int index, byte[] epoch) => Set(index, BatchFate.Stored, epoch);

    public void Want(int index, byte[] epoch, ByteString schema)
    {
        Set(index, BatchFate.Wanting, epoch);
        _wants.Add(Convert.ToHexStringLower(schema.Span));
    }

    /// <param name="place">Null: not even that can be read.</param>
    public void Refuse(int index, BatchPlace? place, string code, string reason)
    {
        if (place is null)
        {
            _fates[index] = BatchFate.Unreadable;
            _unreadable.Add(reason);
            return;
        }

        Set(index, BatchFate.Refused, place.StreamEpoch);
        _refusals.Add(new(Convert.ToHexStringLower(place.StreamEpoch), place.Sequence, code, reason));
    }

    public IngestAnswer ToAnswer(StreamPositions positions) => new()
    {
        Fates = _fates,
        Streams = [.. _streams.Select(positions.At)],
        Refusals = [.. _refusals],
        Wants = [.. _wants],
        Unreadable = [.. _unreadable],
    };

    private void Set(int index, BatchFate fate, byte[] epoch)
    {
        _fates[index] = fate;
        _streams.Add(StreamPositions.Key(epoch));
    }
}
