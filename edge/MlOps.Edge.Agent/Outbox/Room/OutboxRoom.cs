using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox.Room;

/// <summary>
/// Keeps what waits within its bounds of bytes and age. Under pressure the oldest batches of the backlog that were never offered to the link
/// become summaries. When that does not do, the oldest goes: refused batches first, then raw readings, the summaries' figures, and last what
/// models said. Whatever goes, a gap record says so in the stream that it was in. Gap records stay.
/// </summary>
internal sealed class OutboxRoom(StreamTable streams, SchemaTable schemas, BatchTable waiting, RefusedTable refused, BatchWriter writer, GoneTable gone, OutboxOptions options)
{
    // A commit is not held up for longer than it takes to sum up that much, unless the outbox is full.
    private const long PieceBytes = 1 << 20;

    private long Bytes => waiting.Bytes + refused.Bytes;

    /// <param name="newest">The batch that was just committed: it does not make room for itself while anything else can.</param>
    /// <param name="now">The outbox's clock, in ms.</param>
    public void Make(BatchKey newest, long now)
    {
        DropOld(now - (long)options.MaxAge.TotalMilliseconds);
        if (Bytes > options.MaxBytes / 10 * 8)
        {
            // Few and large: a summary of one batch is worth little.
            SummariseOldest(least: options.MaxBytes / 20, most: Math.Min(PieceBytes, Bytes - (options.MaxBytes / 10 * 7)));
        }

        if (Bytes > options.MaxBytes)
        {
            // Down to nine tenths, so that a full outbox does not write a gap record with every commit.
            var room = options.MaxBytes / 10 * 9;
            refused.Evict(room - waiting.Bytes);
            while (Bytes > room && SummariseOldest(least: 0, most: PieceBytes))
            {
            }

            Drop(room, batch => batch.Key != newest && streams.KindOf(batch.Key.Stream) != StreamKind.Summary);
            StripOldest(room);
            Drop(room, batch => batch.Key != newest);
        }
    }

    /// <summary>Tells of batches that will never come, in their own streams.</summary>
    public void Tell(Runs missing)
    {
        foreach (var stream in missing.All.GroupBy(run => run.First.Stream))
        {
            var gaps = new TelemetryBatch();
            gaps.Gaps.AddRange(Runs.Joined([.. stream, .. Recalled(stream.Key, stream.First().Reason)]).Select(run => run.ToGap()));
            writer.Append(stream.Key, gaps, BatchState.Gap);
        }
    }

    /// <summary>Counts them, and tells of them.</summary>
    public void TellGone(Runs runs)
    {
        foreach (var run in runs.All)
        {
            gone.Add(run);
        }

        Tell(runs);
    }

    // Gap records are never dropped. That a full outbox does not fill with them, one that the link never saw goes into the next, its own number with it.
    private IEnumerable<Run> Recalled(long stream, string reason) => streams.KindOf(stream) == StreamKind.Live ? [] : waiting.TakeGaps(stream, streams.Offered(stream))
        .SelectMany(record => TelemetryBatch.Parser.ParseFrom(record.Payload).Gaps.Select(gap => Run.Of(stream, gap)).Append(new(record.Key, record.Key.Sequence, 0, reason)));

    private void DropOld(long limit)
    {
        var runs = new Runs();
        foreach (var batch in waiting.MadeBefore(limit))
        {
            runs.Add(batch.Key, batch.Readings, GapReason.Old);
            waiting.Delete(batch.Key);
        }

        TellGone(runs);
    }

    /// <summary>Sums up the oldest batches of the backlog that the link never saw.</summary>
    /// <param name="least">When all of them have fewer bytes, nothing is done.</param>
    /// <param name="most">Bytes of batches to take, the last one whole.</param>
    /// <returns>Whether there were any.</returns>
    private bool SummariseOldest(long least, long most)
    {
        var unseen = streams.Of(StreamKind.Backlog).SelectMany(stream => waiting.List(stream, streams.Offered(stream)));
        return Condense(Some(unseen, least, most), GapReason.Summarised);
    }

    /// <summary>Takes the figures from the oldest summaries that the link never saw, until all is within the limit.</summary>
    private void StripOldest(long room)
    {
        while (Bytes > room)
        {
            var unseen = streams.Of(StreamKind.Summary).SelectMany(stream => waiting.List(stream, streams.Offered(stream))).Where(batch => batch.Readings > 0);
            if (!Condense(Some(unseen, least: 0, most: Math.Min(PieceBytes, Bytes - room)), GapReason.Full))
            {
                return;
            }
        }
    }

    private bool Condense(List<ListedBatch> batches, string reason)
    {
        if (batches.Count == 0)
        {
            return false;
        }

        var (condenser, runs) = (new Condenser(options.MaxBatchBytes / 2), new Runs());
        foreach (var listed in batches)
        {
            var batch = waiting.Take(listed.Key.Stream, new(listed.Key.Sequence, listed.Key.Sequence))[0];
            runs.Add(batch.Key, batch.Readings, Fed(condenser, batch) ? reason : GapReason.Damaged);
        }

        TellGone(runs);
        foreach (var condensed in condenser.Take())
        {
            writer.Append(streams.Current(StreamKind.Summary), condensed.Contents, BatchState.Waiting, condensed.Made);
        }

        return true;
    }

    // Storage may decay: what cannot be read cannot be summed up, and must not hold up what can.
    private bool Fed(Condenser condenser, TakenBatch taken)
    {
        try
        {
            var batch = TelemetryBatch.Parser.ParseFrom(taken.Payload);
            batch.Schemas.AddRange(batch.Readings.Select(readings => schemas.Find(readings.Schema)).OfType<Schema>());
            condenser.Add(batch, taken.Made);
            return true;
        }
        catch (Exception e) when (e is FormatException or Google.Protobuf.InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private void Drop(long room, Func<ListedBatch, bool> mayGo)
    {
        if (Bytes > room)
        {
            var runs = new Runs();
            foreach (var batch in Some(waiting.Oldest().Where(mayGo), least: 0, most: Bytes - room).OrderBy(batch => batch.Key))
            {
                runs.Add(batch.Key, batch.Readings, GapReason.Full);
                waiting.Delete(batch.Key);
            }

            TellGone(runs);
        }
    }

    private static List<ListedBatch> Some(IEnumerable<ListedBatch> batches, long least, long most)
    {
        var (some, bytes, all) = (new List<ListedBatch>(), 0L, 0L);
        foreach (var batch in batches)
        {
            all += batch.Bytes;
            if (bytes < most)
            {
                some.Add(batch);
                bytes += batch.Bytes;
            }
            else if (all >= least)
            {
                break;
            }
        }

        return all >= least ? some : [];
    }
}
