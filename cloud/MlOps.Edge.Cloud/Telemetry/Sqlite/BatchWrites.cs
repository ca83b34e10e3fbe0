using Google.Protobuf;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>
/// What one batch changes in <c>cloud.db</c>, within one transaction. Numbers that were given to streams, units and schemas are remembered once they
/// are committed; only the one writer calls this, always with the same session.
/// </summary>
internal sealed class BatchWrites(UnitLedger ledger)
{
    private readonly Dictionary<(DeviceId Device, Guid Epoch), StreamEntry> _streams = [];
    private readonly HashSet<Guid> _schemas = [];

    // The batches of a device come together, and most are of one stream.
    private ((DeviceId Device, Guid Epoch) Key, StreamEntry? Entry) _last;

    // Of the one session that this writes with.
    private SqliteStatement? _insertBatch;
    private SqliteStatement? _insertBlock;

    /// <param name="hash">SHA-256 of the payload.</param>
    /// <param name="position">Under which it is stored, if it is.</param>
    /// <param name="after">Takes what is to be remembered once the transaction is committed.</param>
    public AppendOutcome Append(SqliteSession session, TelemetryRecord record, byte[] hash, long position, AppendedGroup after)
    {
        var stream = StreamOf(session, record, after);
        if (stream.HasFolded(session, record.Sequence) || !Insert(session, stream.Id, record, hash, position))
        {
            return Repeat(session, stream, record, hash, after);
        }

        foreach (var schema in record.Schemas)
        {
            Learn(session, schema, after);
        }

        foreach (var span in record.Units)
        {
            Index(session, record.Device, span, position, after);
        }

        foreach (var gap in record.Gaps)
        {
            session.Execute(
                "INSERT INTO telemetry_gap (stream, first, last, received_at, content) VALUES ($1, $2, $3, $4, $5)",
                stream.Id, (long)gap.FirstSequence, (long)gap.LastSequence, record.ReceivedAt.ToUnixTimeMilliseconds(), gap.ToByteArray());
        }

        after.Note(record, position);
        return AppendOutcome.Stored;
    }

    public void ForgetStreams()
    {
        _streams.Clear();
        _last = default;
    }

    private bool Insert(SqliteSession session, long stream, TelemetryRecord record, byte[] hash, long position)
    {
        _insertBatch ??= session.Prepare("""
            INSERT INTO telemetry_batch (position, stream, sequence, received_at, clock_trust, clock_offset, hash, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (stream, sequence) DO NOTHING
            """);
        return _insertBatch
            .Set(1, position).Set(2, stream).Set(3, record.Sequence).Set(4, record.ReceivedAt.ToUnixTimeMilliseconds())
            .Set(5, (long)record.Clock.Trust).Set(6, (long)record.Clock.Offset.TotalMilliseconds)
            .Set(7, hash.AsSpan(0, KeyHash.Bytes)).Set(8, record.Payload).Run() == 1;
    }

    private AppendOutcome Repeat(SqliteSession session, StreamEntry stream, TelemetryRecord record, byte[] hash, AppendedGroup after)
    {
        var stored = session.First("SELECT hash FROM telemetry_batch WHERE stream = $1 AND sequence = $2", row => row.GetFieldValue<byte[]>(0), stream.Id, record.Sequence);

        // The hash of a batch that became part of a larger one is gone with it: its key alone says that it is here.
        if (stored is null || hash.AsSpan(0, KeyHash.Bytes).SequenceEqual(stored))
        {
            after.After(ledger.NoteDuplicate);
            return AppendOutcome.Duplicate;
        }

        if (DeadLetterWrites.BuryConflict(session, record, hash))
        {
            after.After(ledger.NoteDeadLetter);
        }

        return AppendOutcome.Conflict;
    }

    private StreamEntry StreamOf(SqliteSession session, TelemetryRecord record, AppendedGroup after)
    {
        var key = (record.Device, new Guid(record.StreamEpoch));
        if (_last.Entry is { } last && _last.Key == key)
        {
            return last;
        }

        if (_streams.TryGetValue(key, out var known))
        {
            _last = (key, known);
            return known;
        }

        var device = record.Device.ToString();
        session.Execute("INSERT INTO telemetry_stream (device, epoch, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", device, record.StreamEpoch, (int)record.Kind);
        var id = session.First("SELECT id FROM telemetry_stream WHERE device = $1 AND epoch = $2", row => row.GetInt64(0), device, record.StreamEpoch);
        var entry = new StreamEntry(id, session.First("SELECT coalesce(max(last), 0) FROM telemetry_range WHERE stream = $1", row => row.GetInt64(0), id));
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

        // Two blocks of a batch may end at the same moment; the row then says when the earlier one begins.
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

    /// <param name="foldedThrough">The last sequence whose batch may have become part of a larger one.</param>
    private sealed class StreamEntry(long id, long foldedThrough)
    {
        public long Id { get; } = id;

        public bool HasFolded(SqliteSession session, long sequence) => sequence <= foldedThrough
            && session.First("SELECT 1 FROM telemetry_range WHERE stream = $1 AND first <= $2 AND last >= $2", row => row.GetInt64(0), Id, sequence) == 1;
    }
}
