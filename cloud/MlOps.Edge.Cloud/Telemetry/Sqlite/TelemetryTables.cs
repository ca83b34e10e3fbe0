using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>The telemetry tables of <c>cloud.db</c>, and how those of its first version become them. Times are Unix milliseconds.</summary>
internal static class TelemetryTables
{
    // Columns stand before the payload so that reading them never walks a large blob's overflow pages. A row has one batch, or several that came together
    // and follow each other: it stands at the position and the sequence of the last, and has a hash for each. What it holds is found by time
    // through telemetry_block; telemetry_mention is for rows that hold other things of a unit.
    private const string Create = """
        CREATE TABLE telemetry_stream (
            id INTEGER PRIMARY KEY, device TEXT NOT NULL, epoch BLOB NOT NULL, kind INTEGER NOT NULL,
            UNIQUE (device, epoch));
        CREATE TABLE telemetry_schema (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, content BLOB NOT NULL);
        CREATE TABLE telemetry_unit (
            id INTEGER PRIMARY KEY, asset TEXT NOT NULL, installation INTEGER NOT NULL, machine_kind TEXT NOT NULL, device TEXT NOT NULL,
            first_frame INTEGER NOT NULL, last_frame INTEGER NOT NULL, last_time INTEGER NOT NULL, longest INTEGER NOT NULL,
            schema BLOB NOT NULL, latest BLOB NOT NULL,
            UNIQUE (asset, installation));
        CREATE TABLE telemetry_batch (
            position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, received_at INTEGER NOT NULL,
            clock_trust INTEGER NOT NULL, clock_offset INTEGER NOT NULL, hash BLOB NOT NULL, payload BLOB NOT NULL,
            UNIQUE (stream, sequence));
        CREATE TABLE telemetry_block (
            unit INTEGER NOT NULL, last_time INTEGER NOT NULL, position INTEGER NOT NULL, first_time INTEGER NOT NULL,
            PRIMARY KEY (unit, last_time, position)) WITHOUT ROWID;
        CREATE TABLE telemetry_mention (unit INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (unit, position)) WITHOUT ROWID;
        CREATE TABLE telemetry_range (
            stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (stream, first)) WITHOUT ROWID;
        CREATE TABLE telemetry_gap (
            id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, received_at INTEGER NOT NULL, content BLOB NOT NULL);
        CREATE INDEX telemetry_gap_stream ON telemetry_gap (stream, first);
        CREATE TABLE telemetry_rollup (
            id INTEGER PRIMARY KEY, unit INTEGER NOT NULL, interval INTEGER NOT NULL, start INTEGER NOT NULL, schema BLOB NOT NULL,
            position INTEGER NOT NULL, content BLOB NOT NULL,
            UNIQUE (unit, interval, start, schema));
        CREATE TABLE telemetry_mark (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>The second version of the file: what a batch means is read from it once more, and put where it is found by time.</summary>
    public static void Rebuild(SqliteSession session)
    {
        session.Execute("""
            ALTER TABLE telemetry_batch RENAME TO first_batch;
            ALTER TABLE telemetry_total RENAME TO first_total;
            DROP TABLE telemetry_unit;
            DROP TABLE telemetry_unit_batch;
            DROP TABLE telemetry_range;
            """);
        session.Execute(Create);
        session.Execute("""
            CREATE TABLE telemetry_total (
                position INTEGER NOT NULL, units_position INTEGER NOT NULL, batches INTEGER NOT NULL, readings INTEGER NOT NULL, bytes INTEGER NOT NULL,
                duplicates INTEGER NOT NULL, dead_letters INTEGER NOT NULL);
            INSERT INTO telemetry_total SELECT 0, 0, 0, 0, 0, duplicates, dead_letters FROM first_total;
            DROP TABLE first_total;
            """);
        var ledger = new UnitLedger(session);
        var (writes, after) = (new BatchWrites(ledger), 0L);
        while (Page(session, after) is { Count: > 0 } page)
        {
            foreach (var (position, device, receivedAt, payload) in page)
            {
                var record = BatchCheck.Check(DeviceId.Parse(device), payload, new(receivedAt, TimeSpan.Zero));
                var group = new AppendedGroup(ledger, 1);
                writes.Append(session, BatchRun.Of(record), position, group);
                group.Confirm();
                after = position;
            }
        }

        ledger.Save(session, int.MaxValue)?.Confirm();
        session.Execute("DROP TABLE first_batch");
    }

    private static List<(long Position, string Device, long ReceivedAt, byte[] Payload)> Page(SqliteSession session, long after) => session.Query(
        "SELECT position, device, received_at, payload FROM first_batch WHERE position > $1 ORDER BY position LIMIT 500",
        row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)),
        after);
}
