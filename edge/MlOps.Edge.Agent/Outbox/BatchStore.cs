using Google.Protobuf;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Every batch of this device that the cloud has not stored: those that wait, those that were refused, and the gap records that tell of
/// what will never come. Changed within a transaction; <see cref="Load"/> after one that failed.
/// </summary>
internal sealed class BatchStore
{
    private readonly StreamTable _streams;
    private readonly BatchTable _waiting;
    private readonly RefusedTable _refused;
    private readonly DeviceId _device;
    private readonly long _maxBytes;

    public BatchStore(OutboxConnection file, StreamTable streams, DeviceId device, OutboxOptions options)
    {
        (_streams, _device, _maxBytes) = (streams, device, options.MaxBytes);
        (_waiting, _refused) = (new(file), new(file, options.RefusedKept));
    }

    public OutboxInfo Info => new(_waiting.Count, _waiting.Bytes + _refused.Bytes, _refused.Kept, Fault: null, _refused.Ever, _refused.Last);

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _waiting.Load();
        _refused.Load();
    }

    /// <inheritdoc cref="BatchTable.After"/>
    public StoredBatch? After(BatchKey place) => _waiting.After(place);

    /// <summary>Puts the contents under the next sequence of the current stream.</summary>
    public BatchKey Append(TelemetryBatch contents) =>
        Append(_streams.Current, contents, BatchState.Waiting, contents.Readings.Sum(r => (long)r.Frames));

    /// <summary>Forgets what is stored elsewhere.</summary>
    public void Forget(long stream, SequenceRange range) => _waiting.Delete(stream, range);

    /// <summary>Keeps batches aside that will never be stored; where the stream goes on, a gap record takes their place.</summary>
    public void SetAside(long stream, RefusedRange range)
    {
        var (code, reason) = (range.Code ?? RefusalCode.Conflict, range.Reason ?? "the cloud gave no reason");
        var runs = new Runs();
        foreach (var batch in _waiting.Take(stream, new(range.First, range.Last)))
        {
            _refused.Add(batch, code, reason);

            // Under a conflict the cloud has the sequence already; and a gap record that is refused gets none of its own, or there were no end.
            if (RefusalCode.SparesTheStream(code) && batch.State == BatchState.Waiting)
            {
                runs.Add(batch.Key, batch.Readings, $"refused: {code}");
            }
        }

        Tell(runs.All);
    }

    /// <summary>Brings all of it below the limit, the oldest first; what nobody waits for goes before what waits.</summary>
    public void MakeRoom()
    {
        if (_waiting.Bytes + _refused.Bytes > _maxBytes)
        {
            // Down to nine tenths, so that a full outbox does not write a gap record with every commit.
            var room = _maxBytes / 10 * 9;
            _refused.Evict(room - _waiting.Bytes);
            Tell(_waiting.Evict(room - _refused.Bytes));
        }
    }

    private void Tell(IReadOnlyList<Run> missing)
    {
        foreach (var stream in missing.GroupBy(run => run.First.Stream))
        {
            var gaps = new TelemetryBatch();
            gaps.Gaps.AddRange(stream.Select(run => run.ToGap()));
            Append(stream.Key, gaps, BatchState.Gap, 0);
        }
    }

    private BatchKey Append(long stream, TelemetryBatch contents, BatchState state, long readings)
    {
        var (key, epoch) = _streams.Take(stream);
        contents.Protocol = ProtocolVersion.Current;
        contents.StreamEpoch = UnsafeByteOperations.UnsafeWrap(epoch);
        contents.Sequence = (ulong)key.Sequence;
        contents.Kind = StreamKind.Live;
        contents.Device = _device.ToString();
        _waiting.Add(key, state, readings, contents.ToByteArray());
        return key;
    }
}
