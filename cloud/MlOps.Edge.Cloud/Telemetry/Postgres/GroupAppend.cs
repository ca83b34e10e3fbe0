using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>
/// What a group of batches changes, within one transaction that no other writer runs beside: what is stored already is asked once for all of them, and the
/// rest goes in with one statement a table. Numbers of streams and units, known schemas and months are remembered once they are committed; only the queue calls this.
/// </summary>
internal sealed class GroupAppend(PostgresDatabase database)
{
    // What a batch takes beside its payload: its key, what finds it by time and by position, and the heads of the rows.
    internal const int RowBytes = 250;

    private readonly StreamNumbers _streams = new();
    private readonly UnitNumbers _units = new();
    private readonly HashSet<Guid> _schemas = [];
    private readonly HashSet<DateOnly> _months = [];
    private int _losses;
    private int _forget;

    /// <returns>What became of each.</returns>
    /// <exception cref="StoreException">It is not known whether they are stored.</exception>
    public AppendOutcome[] Write(IReadOnlyList<Waiting> group)
    {
        try
        {
            // Behind a connection that broke there may be a server that lost something, or one that was brought back from a copy.
            var settle = _losses != database.Losses;
            _losses = database.Losses;
            if (settle || Interlocked.Exchange(ref _forget, 0) != 0)
            {
                Forget();
            }

            return database.Transact(session => Write(session, group, settle));
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Before the next group: upkeep dropped a month.</summary>
    public void ForgetSoon() => Interlocked.Exchange(ref _forget, 1);

    private AppendOutcome[] Write(PostgresSession session, IReadOnlyList<Waiting> group, bool settle)
    {
        if (settle)
        {
            PostgresSchema.Lock(session);
            PostgresSchema.Settle(session);
        }

        // The numbers of streams that are new are given within the turn.
        if (_streams.Known(group) is not { } streams)
        {
            PostgresSchema.Lock(session);
            streams = _streams.Of(session, group);
        }

        var (head, stored) = KeysStored(session, group, streams);
        var outcomes = new AppendOutcome[group.Count];
        List<NewBatch> fresh = [];
        long letters = 0;
        for (var i = 0; i < group.Count; i++)
        {
            var (record, hash) = (group[i].Record, group[i].Hash);
            var key = (streams[i], record.Sequence);
            if (!stored.TryGetValue(key, out var known))
            {
                stored.Add(key, hash);
                fresh.Add(new(record, hash, streams[i], head + fresh.Count + 1));
                outcomes[i] = AppendOutcome.Stored;
            }
            else if (known is null || hash.AsSpan(0, KeyHash.Bytes).SequenceEqual(known.AsSpan(0, KeyHash.Bytes)))
            {
                // The hash of a batch that became part of a larger one is gone with it: its key alone says that it is here.
                outcomes[i] = AppendOutcome.Duplicate;
            }
            else
            {
                outcomes[i] = AppendOutcome.Conflict;
                letters += DeadLetterWrites.BuryConflict(session, record, hash) ? 1 : 0;
            }
        }

        if (fresh.Count > 0)
        {
            Store(session, fresh);
        }

        Count(session, fresh, outcomes.Count(o => o == AppendOutcome.Duplicate), letters);
        return outcomes;
    }

    private void Store(PostgresSession session, List<NewBatch> fresh)
    {
        foreach (var month in fresh.Select(b => Partitions.MonthOf(b.Record.ReceivedAt)).Distinct().Where(_months.Add))
        {
            Partitions.Make(session, month);
        }

        foreach (var schema in fresh.SelectMany(b => b.Record.Schemas))
        {
            var name = SchemaId.Of(schema).ToByteArray();
            if (_schemas.Add(new Guid(name)))
            {
                session.Run("INSERT INTO telemetry_schema (name, content) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, schema.ToByteArray());
            }
        }

        foreach (var (batch, gap) in fresh.SelectMany(b => b.Record.Gaps.Select(gap => (b, gap))))
        {
            session.Run(
                "INSERT INTO telemetry_gap (stream, first, last, received_at, content) VALUES ($1, $2, $3, $4, $5)",
                batch.Stream, (long)gap.FirstSequence, (long)gap.LastSequence, batch.Record.ReceivedAt.ToUnixTimeMilliseconds(), gap.ToByteArray());
        }

        var spans = _units.Of(session, fresh);
        BatchInserts.Write(session, fresh, spans);
        UnitChanges.Write(session, spans);
    }

    // Takes the turn, or has it already: what is stored stays so until this transaction ends.
    private static (long Head, Dictionary<(long Stream, long Sequence), byte[]?> Keys) KeysStored(PostgresSession session, IReadOnlyList<Waiting> group, long[] streams)
    {
        var (head, rows) = PostgresSchema.Lock(
            session,
            """
            SELECT w.n, k.hash FROM unnest($1, $2) WITH ORDINALITY AS w(stream, sequence, n) JOIN telemetry_key k ON k.stream = w.stream AND k.sequence = w.sequence
            UNION ALL
            SELECT w.n, NULL FROM unnest($1, $2) WITH ORDINALITY AS w(stream, sequence, n)
            CROSS JOIN LATERAL (SELECT r.last FROM telemetry_range r WHERE r.stream = w.stream AND r.first <= w.sequence ORDER BY r.first DESC LIMIT 1) AS folded
            WHERE folded.last >= w.sequence
            """,
            row => (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)),
            streams, group.Select(w => w.Record.Sequence).ToArray());
        var stored = new Dictionary<(long, long), byte[]?>();
        foreach (var (index, hash) in rows)
        {
            stored.TryAdd((streams[index - 1], group[(int)index - 1].Record.Sequence), hash);
        }

        return (head, stored);
    }

    private static void Count(PostgresSession session, List<NewBatch> fresh, long duplicates, long letters)
    {
        long bytes = fresh.Sum(b => (long)b.Record.Payload.Length);
        session.Run(
            """
            UPDATE telemetry_total SET position = position + $1, batches = batches + $1, readings = readings + $2, bytes = bytes + $3, held = held + $4,
            duplicates = duplicates + $5, dead_letters = dead_letters + $6
            """,
            (long)fresh.Count, fresh.Sum(b => b.Record.Units.Sum(u => u.Readings)), bytes, bytes + (long)RowBytes * fresh.Count, duplicates, letters);
    }

    private void Forget()
    {
        _streams.Forget();
        _units.Forget();
        _schemas.Clear();
        _months.Clear();
    }
}

/// <summary>A batch that is stored with this group.</summary>
internal sealed record NewBatch(TelemetryRecord Record, byte[] Hash, long Stream, long Position);
