using Google.Protobuf;
using MlOps.Edge.Agent.Outbox.Room;
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
    private readonly SchemaTable _schemas;
    private readonly BatchTable _waiting;
    private readonly RefusedTable _refused;
    private readonly BatchWriter _writer;
    private readonly GoneTable _gone;
    private readonly OutboxRoom _room;
    private readonly DamagedTable _damage;
    private readonly OutboxClock _clock;

    public BatchStore(OutboxConnection file, StreamTable streams, DeviceId device, OutboxOptions options, TimeProvider clock)
    {
        (_streams, _clock) = (streams, new(clock));
        (_schemas, _waiting, _refused) = (new(file), new(file), new(file, options.RefusedKept));
        _writer = new(streams, _schemas, _waiting, device, () => _clock.Now);
        (_gone, _damage) = (new(file), new(file));
        _room = new(streams, _schemas, _waiting, _refused, _writer, _gone, options);
    }

    public OutboxInfo Info => new(_waiting.Count, _waiting.Bytes + _refused.Bytes, _refused.Kept, Fault: null, _refused.Ever, _refused.Last)
    {
        PendingLive = CountOf(StreamKind.Live),
        PendingBacklog = CountOf(StreamKind.Backlog),
        PendingSummary = CountOf(StreamKind.Summary),
        LagMs = _waiting.OldestMade() is { } made ? _clock.Now - made : 0,
        Summarised = _gone[GapReason.Summarised],
        Dropped = _gone[GapReason.Full] + _gone[GapReason.Old] + _gone[GapReason.Damaged],
    };

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _schemas.Load();
        _waiting.Load();
        _refused.Load();
        _gone.Load();
        _damage.Load();
        _clock.NotBefore(_waiting.NewestMade());
    }

    /// <inheritdoc cref="BatchTable.After"/>
    public StoredBatch? After(BatchKey place) => _waiting.After(place);

    /// <summary>The first batch after a place that waits in the streams of a kind; null: none.</summary>
    public StoredBatch? Next(StreamKind kind, BatchKey place) => _streams.Of(kind)
        .Where(stream => stream >= place.Stream && _waiting.CountOf(stream) > 0)
        .Select(stream => _waiting.Next(stream, stream == place.Stream ? place.Sequence : 0))
        .FirstOrDefault(batch => batch is not null);

    /// <summary>How many wait in the streams of a kind, and the first of them.</summary>
    public (long Count, BatchKey? First) Waiting(StreamKind kind)
    {
        long[] streams = [.. _streams.Of(kind).Where(stream => _waiting.CountOf(stream) > 0)];
        return streams is [var oldest, ..] ? (streams.Sum(_waiting.CountOf), new(oldest, _waiting.First(oldest)!.Value)) : (0, null);
    }

    /// <summary>Whether streams of a file that decayed are not yet told of.</summary>
    public bool HasDamage => _damage.Streams.Count > 0;

    /// <summary>Tells of all batches that such streams had: those that the cloud has already stored stay. What comes goes into new ones.</summary>
    public void TellDamage()
    {
        var runs = new Runs();
        foreach (var (stream, readings) in _damage.Streams)
        {
            runs.Add(new(stream, 1), _streams.Next(stream) - 1, readings, GapReason.Damaged);
            if (_streams.IsCurrent(stream))
            {
                _streams.Begin(_streams.KindOf(stream));
            }
        }

        _room.TellGone(runs);
        _damage.Clear();
    }

    /// <summary>Puts the contents under the next sequence of the current stream of that kind.</summary>
    /// <param name="waited">How long the first of it has waited for that.</param>
    public BatchKey Append(StreamKind kind, TelemetryBatch contents, TimeSpan waited) =>
        _writer.Append(_streams.Current(kind), contents, BatchState.Waiting, _clock.Now - (long)waited.TotalMilliseconds);

    /// <summary>Forgets what is stored elsewhere; the schemas that came with it need not come again.</summary>
    /// <returns>Whether a batch of schemas that the cloud had asked for is among it.</returns>
    public bool Forget(long stream, SequenceRange range)
    {
        var carriers = _waiting.Delete(stream, range);
        foreach (var schema in carriers.SelectMany(carrier => carrier.Schemas))
        {
            _schemas.Note(schema, acknowledged: true);
        }

        return carriers.Any(carrier => carrier.State == BatchState.Dictionary);
    }

    /// <summary>Makes a batch of the schemas that the cloud lacks, but for those that are on the way to it.</summary>
    /// <param name="wanted">Their names; one that no batch ever named is nobody's.</param>
    public void Tell(IEnumerable<ByteString> wanted)
    {
        var contents = new TelemetryBatch();
        foreach (var id in wanted.Distinct().Where(id => !_waiting.Tells(id)))
        {
            if (_schemas.Find(id) is { } schema)
            {
                _schemas.Note(id, acknowledged: false);
                contents.Schemas.Add(schema);
            }
        }

        if (contents.Schemas.Count > 0)
        {
            _writer.Append(_streams.Current(StreamKind.Live), contents, BatchState.Dictionary);
        }
    }

    /// <summary>Keeps batches aside that will never be stored; where the stream goes on, a gap record takes their place.</summary>
    public void SetAside(long stream, RefusedRange range)
    {
        var (code, reason) = (range.Code ?? RefusalCode.Conflict, range.Reason ?? "the cloud gave no reason");
        var runs = new Runs();
        foreach (var batch in _waiting.Take(stream, new(range.First, range.Last)))
        {
            _refused.Add(batch, code, reason);

            // Under a conflict the cloud has the sequence already; and a gap record that is refused gets none of its own, or there were no end.
            if (RefusalCode.SparesTheStream(code) && batch.State != BatchState.Gap)
            {
                runs.Add(batch.Key, batch.Readings, $"{GapReason.Refused}: {code}");
            }
        }

        _room.Tell(runs);
    }

    /// <summary>Of what an acknowledgement leaves out, the sequences that nothing here is: no batch that waits or is kept aside, and no gap record.</summary>
    public IReadOnlyList<SequenceRange> Lacking(long stream, IReadOnlyList<SequenceRange> holes) => holes.Count == 0 ? [] : SequenceRanges.Without(
        holes,
        [
            .. holes.SelectMany(hole => _waiting.Sequences(stream, hole)).Concat(_refused.Sequences(stream)).Select(sequence => new SequenceRange(sequence, sequence)),
            .. _waiting.Gaps(stream).SelectMany(gap => TelemetryBatch.Parser.ParseFrom(gap).Gaps).Select(gap => new SequenceRange((long)gap.FirstSequence, (long)gap.LastSequence)),
        ]);

    /// <summary>Tells of batches that the cloud had stored and has no more. How many values they had is not known any more.</summary>
    public void TellRestored(long stream, IReadOnlyList<SequenceRange> lost)
    {
        var runs = new Runs();
        foreach (var range in lost)
        {
            runs.Add(new(stream, range.First), range.Last, readings: 0, GapReason.Restored);
        }

        _room.Tell(runs);
        foreach (var other in _streams.All.Where(other => other != stream).ToArray())
        {
            Ask(other);
        }
    }

    /// <summary>Makes a batch that has nothing, for the sake of its acknowledgement; not in a stream of which anything waits, or nothing ever was.</summary>
    public void Ask(long stream)
    {
        if (_waiting.CountOf(stream) == 0 && _streams.Next(stream) > 1)
        {
            _writer.Append(stream, new(), BatchState.Question);
        }
    }

    /// <inheritdoc cref="OutboxRoom.Make"/>
    public void MakeRoom(BatchKey newest) => _room.Make(newest, _clock.Now);

    private long CountOf(StreamKind kind) => _streams.Of(kind).Sum(_waiting.CountOf);
}
