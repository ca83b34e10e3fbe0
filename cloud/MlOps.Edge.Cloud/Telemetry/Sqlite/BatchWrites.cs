using System.Security.Cryptography;
using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>
/// What a run of batches changes in <c>cloud.db</c>, within one transaction. Numbers that were given to streams, units and schemas are remembered once they
/// are committed; only the one writer calls this, always with the same session.
/// </summary>
internal sealed class BatchWrites(UnitLedger ledger)
{
    private readonly Dictionary<(DeviceId Device, Guid Epoch), StreamEntry> _streams = [];
    private readonly HashSet<Guid> _schemas = [];

    // Their payloads are as they came.
    private readonly byte[] _noHashes = new byte[BatchRun.MostBatches * KeyHash.Bytes];

    // Of the one session that this writes with.
    private SqliteStatement? _insertBatch;
    private SqliteStatement? _insertBlock;

    /// <param name="position">Of its first batch, if it is stored; the others follow.</param>
    /// <param name="after">Takes the outcome of each, and what is to be remembered once the transaction is committed.</param>
    public void Append(SqliteSession session, BatchRun run, long position, AppendedGroup after)
    {
        var stream = StreamOf(session, run.Last, after);
        if (!stream.MayHold(run.Records[0].Sequence) || !Holds(session, stream.Id, run.Records[0].Sequence, run.Last.Sequence))
        {
            Store(session, stream, run, position + run.Records.Count - 1, after);
        }
        else if (run.Records is [var alone])
        {
            after.Add(Repeat(session, stream.Id, alone, after));
        }
        else
        {
            // Some of them are here already.
            for (var i = 0; i < run.Records.Count; i++)
            {
                Append(session, BatchRun.Of(run.Records[i]), position + i, after);
            }
        }
    }

    public void ForgetStreams() => _streams.Clear();

    // A row stands at the position, and under the sequence, of its last batch.
    private void Store(SqliteSession session, StreamEntry stream, BatchRun run, long position, AppendedGroup after)
    {
        stream.Note(run.Last.Sequence);
        Insert(session, stream.Id, run, position);
        foreach (var record in run.Records)
        {
            foreach (var schema in record.Schemas)
            {
                Learn(session, schema, after);
            }

            foreach (var gap in record.Gaps)
            {
                session.Execute(
                    "INSERT INTO telemetry_gap (stream, first, last, received_at, content) VALUES ($1, $2, $3, $4, $5)",
                    stream.Id, (long)gap.FirstSequence, (long)gap.LastSequence, record.ReceivedAt.ToUnixTimeMilliseconds(), gap.ToByteArray());
            }

            after.Add(AppendOutcome.Stored);
        }

        foreach (var span in run.Units)
        {
            Index(session, run.Last.Device, span, position, after);
        }

        after.Note(run, position);
    }

    private void Insert(SqliteSession session, long stream, BatchRun run, long position)
    {
        _insertBatch ??= session.Prepare(
            "INSERT INTO telemetry_batch (position, stream, sequence, received_at, clock_trust, clock_offset, hash, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        var last = run.Last;
        _insertBatch
            .Set(1, position).Set(2, stream).Set(3, last.Sequence).Set(4, last.ReceivedAt.ToUnixTimeMilliseconds())
            .Set(5, (long)last.Clock.Trust).Set(6, (long)last.Clock.Offset.TotalMilliseconds)
            .Set(7, _noHashes.AsSpan(0, run.Records.Count * KeyHash.Bytes)).Set(8, run.Payload).Run();
    }

    /// <summary>Whether any of these sequences is stored: in a row, or folded away.</summary>
    private static bool Holds(SqliteSession session, long stream, long first, long last) =>
        session.First(
            $"SELECT sequence - {SqliteEngine.Count} FROM telemetry_batch WHERE stream = $1 AND sequence >= $2 ORDER BY sequence LIMIT 1", row => row.GetInt64(0) < last, stream, first)
        || session.First("SELECT 1 FROM telemetry_range WHERE stream = $1 AND first <= $3 AND last >= $2", row => row.GetInt64(0), stream, first, last) == 1;

    // What became part of a larger batch is gone with its hash: its key alone says that it is here.
    private static bool IsSame(SqliteSession session, long stream, TelemetryRecord record)
    {
        var (last, hashes, payload) = session.First(
            "SELECT sequence, hash, payload FROM telemetry_batch WHERE stream = $1 AND sequence >= $2 ORDER BY sequence LIMIT 1",
            row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)), stream, record.Sequence);
        var count = (hashes?.Length ?? 0) / KeyHash.Bytes;
        if (hashes is null || payload is null || last - record.Sequence >= count)
        {
            return true;
        }

        var at = count - 1 - (int)(last - record.Sequence);
        var hash = hashes.AsSpan(at * KeyHash.Bytes, KeyHash.Bytes);
        return KeyHash.IsNone(hash) ? RowPayload.Split(payload, count)[at].AsSpan().SequenceEqual(record.Payload) : hash.SequenceEqual(KeyHash.Of(record.Payload));
    }

    private AppendOutcome Repeat(SqliteSession session, long stream, TelemetryRecord record, AppendedGroup after)
    {
        if (IsSame(session, stream, record))
        {
            after.After(ledger.NoteDuplicate);
            return AppendOutcome.Duplicate;
        }

        if (DeadLetterWrites.BuryConflict(session, record, SHA256.HashData(record.Payload)))
        {
            after.After(ledger.NoteDeadLetter);
        }

        return AppendOutcome.Conflict;
    }

    private StreamEntry StreamOf(SqliteSession session, TelemetryRecord record, AppendedGroup after)
    {
        var key = (record.Device, new Guid(record.StreamEpoch));
        if (_streams.TryGetValue(key, out var known))
        {
            return known;
        }

        var device = record.Device.ToString();
        session.Execute("INSERT INTO telemetry_stream (device, epoch, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", device, record.StreamEpoch, (int)record.Kind);
        var id = session.First("SELECT id FROM telemetry_stream WHERE device = $1 AND epoch = $2", row => row.GetInt64(0), device, record.StreamEpoch);
        var entry = new StreamEntry(id, session.First(
            "SELECT max(coalesce((SELECT max(last) FROM telemetry_range WHERE stream = $1), 0), coalesce((SELECT max(sequence) FROM telemetry_batch WHERE stream = $1), 0))",
            row => row.GetInt64(0), id));
        after.After(() => _streams[key] = entry);
        return entry;
    }

    private void Learn(SqliteSession session, Schema schema, AppendedGroup after)
    {
        var name = SchemaId.Of(schema).ToByteArray();
        var key = new Guid(name);
        if (!_schemas.Contains(key))
        {
            session.Execute("INSERT INTO telemetry_schema (name, content) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, schema.ToByteArray());
            after.After(() => _schemas.Add(key));
        }
    }

    private void Index(SqliteSession session, DeviceId device, UnitSpan span, long position, AppendedGroup after)
    {
        var unit = UnitOf(session, device, span, after);
        if (span.Readings == 0)
        {
            session.Execute("INSERT INTO telemetry_mention (unit, position) VALUES ($1, $2) ON CONFLICT DO NOTHING", unit, position);
            return;
        }

        // Two spans of a row may end at the same moment; the entry then says when the earlier one begins.
        _insertBlock ??= session.Prepare(
            "INSERT INTO telemetry_block (unit, last_time, position, first_time) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET first_time = min(first_time, excluded.first_time)");
        _insertBlock.Set(1, unit).Set(2, span.LastTime.ToUnixTimeMilliseconds()).Set(3, position).Set(4, span.FirstTime.ToUnixTimeMilliseconds()).Run();
    }

    private long UnitOf(SqliteSession session, DeviceId device, UnitSpan span, AppendedGroup after)
    {
        if (ledger.Find(span.Unit) is { } known)
        {
            return known.Id;
        }

        var (asset, installation) = (span.Unit.Asset.ToString(), span.Unit.Installation);
        session.Execute(
            "INSERT INTO telemetry_unit (asset, installation, machine_kind, device, first_frame, last_frame, last_time, longest, schema, latest) VALUES ($1, $2, $3, $4, 0, -1, 0, 0, x'', x'') ON CONFLICT DO NOTHING",
            asset, installation, span.MachineKind, device.ToString());
        var id = session.First("SELECT id FROM telemetry_unit WHERE asset = $1 AND installation = $2", row => row.GetInt64(0), asset, installation);
        after.After(() => ledger.Add(UnitEntry.New(id, span, device)));
        return id;
    }

    /// <param name="highest">No sequence beyond it is stored, in a row or folded.</param>
    private sealed class StreamEntry(long id, long highest)
    {
        private long _highest = highest;

        public long Id { get; } = id;

        public bool MayHold(long sequence) => sequence <= _highest;

        // Also where the transaction fails: then more is looked up than need be.
        public void Note(long sequence) => _highest = Math.Max(_highest, sequence);
    }
}
