using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What one batch changes in <c>cloud.db</c>, within one transaction.</summary>
internal static class TelemetryWrites
{
    // A device that sends garbage for ever must not fill the disk; the newest of its dead letters say enough.
    private const int DeadLettersPerDevice = 200;

    public static AppendOutcome Append(SqliteSession session, TelemetryRecord record, byte[] hash)
    {
        var device = record.Device.ToString();
        var inserted = session.Execute(
            "INSERT INTO telemetry_batch (device, stream, sequence, received_at, hash, payload) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            device, record.StreamEpoch, record.Sequence, record.ReceivedAt.UtcTicks, hash, record.Payload);
        if (inserted == 0)
        {
            return Repeat(session, record, device, hash);
        }

        Cover(session, device, record.StreamEpoch, record.Sequence, record.Sequence);
        foreach (var (first, last) in record.Gaps)
        {
            Cover(session, device, record.StreamEpoch, first, last);
        }

        foreach (var span in record.Units)
        {
            Index(session, device, span);
        }

        session.Execute(
            "UPDATE telemetry_total SET batches = batches + 1, readings = readings + $1, bytes = bytes + $2",
            record.Units.Sum(u => u.Readings), record.Payload.LongLength);
        return AppendOutcome.Stored;
    }

    /// <summary>Puts what cannot be stored aside, once, for a person to look at.</summary>
    public static void Bury(SqliteSession session, string device, byte[] payload, byte[] hash, string reason, DateTimeOffset receivedAt)
    {
        var buried = session.Execute(
            "INSERT INTO telemetry_dead_letter (device, received_at, reason, hash, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            device, receivedAt.UtcTicks, reason, hash, payload);
        if (buried == 0)
        {
            return;
        }

        session.Execute("UPDATE telemetry_total SET dead_letters = dead_letters + 1");
        session.Execute(
            "DELETE FROM telemetry_dead_letter WHERE device = $1 AND id <= (SELECT id FROM telemetry_dead_letter WHERE device = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            device, DeadLettersPerDevice);
    }

    private static AppendOutcome Repeat(SqliteSession session, TelemetryRecord record, string device, byte[] hash)
    {
        var stored = session.First(
            "SELECT hash FROM telemetry_batch WHERE device = $1 AND stream = $2 AND sequence = $3",
            row => row.GetFieldValue<byte[]>(0), device, record.StreamEpoch, record.Sequence);
        if (hash.AsSpan().SequenceEqual(stored))
        {
            session.Execute("UPDATE telemetry_total SET duplicates = duplicates + 1");
            return AppendOutcome.Duplicate;
        }

        Bury(session, device, record.Payload, hash, $"other bytes are stored under sequence {record.Sequence} of stream {Convert.ToHexStringLower(record.StreamEpoch)}", record.ReceivedAt);
        return AppendOutcome.Conflict;
    }

    // Ranges are kept beside the batches so that a device's watermark costs the same after a year as after a day.
    private static void Cover(SqliteSession session, string device, byte[] stream, long first, long last)
    {
        var extended = session.Execute(
            """
            UPDATE telemetry_range SET last = $4 WHERE device = $1 AND stream = $2 AND last = $3 - 1
            AND NOT EXISTS (SELECT 1 FROM telemetry_range WHERE device = $1 AND stream = $2 AND first BETWEEN $3 AND $4 + 1)
            """,
            device, stream, first, last);
        if (extended == 1)
        {
            return;
        }

        var touching = session.Query(
            "SELECT first, last FROM telemetry_range WHERE device = $1 AND stream = $2 AND first <= $4 + 1 AND last >= $3 - 1",
            row => (First: row.GetInt64(0), Last: row.GetInt64(1)), device, stream, first, last);
        session.Execute("DELETE FROM telemetry_range WHERE device = $1 AND stream = $2 AND first <= $4 + 1 AND last >= $3 - 1", device, stream, first, last);
        session.Execute(
            "INSERT INTO telemetry_range (device, stream, first, last) VALUES ($1, $2, $3, $4)",
            device, stream, touching.Select(r => r.First).Append(first).Min(), touching.Select(r => r.Last).Append(last).Max());
    }

    private static void Index(SqliteSession session, string device, UnitSpan span)
    {
        var (asset, installation) = (span.Unit.Asset.ToString(), span.Unit.Installation);
        session.Execute(
            "INSERT INTO telemetry_unit_batch (asset, installation, position) VALUES ($1, $2, (SELECT MAX(position) FROM telemetry_batch)) ON CONFLICT DO NOTHING",
            asset, installation);
        if (span.Readings == 0)
        {
            return;
        }

        session.Execute(
            """
            INSERT INTO telemetry_unit VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO UPDATE SET
                last_time = CASE WHEN excluded.last_frame > last_frame THEN excluded.last_time ELSE last_time END,
                first_frame = MIN(first_frame, excluded.first_frame),
                last_frame = MAX(last_frame, excluded.last_frame)
            """,
            asset, installation, span.MachineKind, device, span.FirstFrame, span.LastFrame, span.LastTime.UtcTicks);
    }
}
