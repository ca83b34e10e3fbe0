using System.Data.Common;
using MlOps.Edge.Cloud.Stores;
using Npgsql;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>The telemetry tables in PostgreSQL, as steps from one version to the next. A step that was released is never edited. Times are Unix milliseconds.</summary>
internal static class PostgresSchema
{
    /// <summary>Positions from before and after a restore are this far apart, and so never the same.</summary>
    public const long Stride = 1L << 40;

    // A unique key of a partitioned table must hold the column it is partitioned by, and a batch is the same batch whenever it came: so the key has a
    // table of its own. Payloads are packed already; to try and pack them again costs more than it saves. Units and totals change all the time: where their page has
    // room a change touches no index.
    private const string First = """
        CREATE TABLE telemetry_stream (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, device text NOT NULL, epoch bytea NOT NULL, kind int NOT NULL,
            UNIQUE (device, epoch));
        CREATE TABLE telemetry_schema (name bytea PRIMARY KEY, content bytea NOT NULL);
        CREATE TABLE telemetry_unit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asset text NOT NULL, installation int NOT NULL, machine_kind text NOT NULL, device text NOT NULL,
            first_frame bigint NOT NULL, last_frame bigint NOT NULL, last_time bigint NOT NULL, longest bigint NOT NULL,
            schema bytea NOT NULL, latest bytea NOT NULL,
            UNIQUE (asset, installation)) WITH (fillfactor = 50);
        CREATE TABLE telemetry_batch (
            position bigint NOT NULL, stream bigint NOT NULL, sequence bigint NOT NULL, received_at bigint NOT NULL,
            clock_trust int NOT NULL, clock_offset bigint NOT NULL, payload bytea NOT NULL) PARTITION BY RANGE (received_at);
        ALTER TABLE telemetry_batch ALTER COLUMN payload SET STORAGE EXTERNAL;
        CREATE INDEX telemetry_batch_position ON telemetry_batch (position);
        CREATE TABLE telemetry_key (stream bigint NOT NULL, sequence bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (stream, sequence));
        CREATE TABLE telemetry_block (
            unit bigint NOT NULL, last_time bigint NOT NULL, position bigint NOT NULL, first_time bigint NOT NULL,
            PRIMARY KEY (unit, last_time, position));
        CREATE TABLE telemetry_mention (unit bigint NOT NULL, position bigint NOT NULL, PRIMARY KEY (unit, position));
        CREATE TABLE telemetry_range (stream bigint NOT NULL, first bigint NOT NULL, last bigint NOT NULL, PRIMARY KEY (stream, first));
        CREATE TABLE telemetry_gap (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream bigint NOT NULL, first bigint NOT NULL, last bigint NOT NULL,
            received_at bigint NOT NULL, content bytea NOT NULL);
        CREATE INDEX telemetry_gap_stream ON telemetry_gap (stream, first);
        CREATE TABLE telemetry_rollup (
            unit bigint NOT NULL, interval int NOT NULL, start bigint NOT NULL, schema bytea NOT NULL, position bigint NOT NULL, content bytea NOT NULL,
            PRIMARY KEY (unit, interval, start, schema));
        ALTER TABLE telemetry_rollup ALTER COLUMN content SET STORAGE EXTERNAL;
        CREATE TABLE telemetry_dead_letter (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            device text NOT NULL, received_at bigint NOT NULL, reason text NOT NULL, hash bytea NOT NULL, payload bytea NOT NULL,
            UNIQUE (device, hash));
        CREATE TABLE telemetry_mark (name text PRIMARY KEY, position bigint NOT NULL);
        CREATE TABLE telemetry_total (
            position bigint NOT NULL, origin text NOT NULL, held bigint NOT NULL, batches bigint NOT NULL, readings bigint NOT NULL, bytes bigint NOT NULL,
            duplicates bigint NOT NULL, dead_letters bigint NOT NULL) WITH (fillfactor = 10);
        CREATE TABLE telemetry_version (version int NOT NULL);
        INSERT INTO telemetry_version VALUES (0);
        """;

    private const string TakeTurn = """
        SELECT position, set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)
        FROM telemetry_total FOR UPDATE
        """;

    private static readonly Action<PostgresSession>[] Steps =
    [
        session =>
        {
            session.Execute(First);
            session.Execute("INSERT INTO telemetry_total VALUES (0, $1, 0, 0, 0, 0, 0, 0)", Origin(session));
        },
    ];

    public static int Version => Steps.Length;

    /// <summary>Makes the tables, or brings them to this program's version, within one transaction and by one program at a time.</summary>
    /// <exception cref="StoreException">A newer program wrote them.</exception>
    public static void Migrate(NpgsqlConnection connection, string place)
    {
        using var transaction = connection.BeginTransaction();
        var session = new PostgresSession(connection);
        session.First("SELECT pg_advisory_xact_lock(hashtext('mlops telemetry ' || current_schema()))", _ => 0);
        var found = session.First("SELECT to_regclass('telemetry_version') IS NOT NULL", row => row.GetBoolean(0))
            ? session.First("SELECT version FROM telemetry_version", row => row.GetInt32(0))
            : 0;
        if (found > Version)
        {
            throw new StoreException($"The telemetry tables in PostgreSQL at {place} have schema {found}, written by a newer program; this one knows up to {Version}. Use the newer program, or another database.") { Newer = true };
        }

        for (var step = found; step < Version; step++)
        {
            Steps[step](session);
        }

        if (found < Version)
        {
            session.Execute("UPDATE telemetry_version SET version = $1", Version);
        }

        Lock(session);
        Settle(session);
        transaction.Commit();
    }

    /// <summary>Waits until no other transaction writes, and keeps others waiting until this one ends. Whatever the server is set to, its commit waits for the disk.</summary>
    /// <returns>The position that was given last.</returns>
    public static long Lock(PostgresSession session) => session.First(TakeTurn, row => row.GetInt64(0));

    /// <summary>The same with a question behind it, whose answer holds until this transaction ends: in one way to the server.</summary>
    public static (long Head, List<T> Rows) Lock<T>(PostgresSession session, string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) =>
        session.QueryBoth(TakeTurn, row => row.GetInt64(0), sql, read, values);

    /// <summary>
    /// Where the tables are not those that were written before (a dump was brought back, or an older state of the server), readers' bookmarks may stand
    /// behind positions that will be given again: from here on they are given from far beyond.
    /// </summary>
    public static void Settle(PostgresSession session)
    {
        if (session.Execute("UPDATE telemetry_total SET origin = $1 WHERE origin <> $1", Origin(session)) > 0)
        {
            Advance(session, Lock(session));
        }
    }

    /// <summary>From here on positions are given from far beyond one.</summary>
    /// <returns>That which counts as given last.</returns>
    public static long Advance(PostgresSession session, long beyond)
    {
        var position = (beyond / Stride + 1) * Stride;
        session.Execute("UPDATE telemetry_total SET position = $1", position);
        return position;
    }

    // A dump makes new tables, and a recovered server a new timeline.
    private static string Origin(PostgresSession session) => session.First(
        "SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint()), to_regclass('telemetry_total')::oid)",
        row => row.GetString(0))!;
}
