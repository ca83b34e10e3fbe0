using System.Globalization;
using MlOps.Edge.Cloud.Telemetry.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>The tables of <c>cloud.db</c>, as steps from one version to the next. A step that was released is never edited.</summary>
internal static class SqliteSchema
{
    // Columns stand before the payload so that reading them never walks a large blob's overflow pages.
    internal const string First = """
        CREATE TABLE grain_state (
            kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, state BLOB,
            UNIQUE (kind, id));

        CREATE TABLE telemetry_batch (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL, stream BLOB NOT NULL, sequence INTEGER NOT NULL,
            received_at INTEGER NOT NULL, hash BLOB NOT NULL, payload BLOB NOT NULL,
            UNIQUE (device, stream, sequence));
        CREATE TABLE telemetry_range (
            device TEXT NOT NULL, stream BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            PRIMARY KEY (device, stream, first)) WITHOUT ROWID;
        CREATE TABLE telemetry_unit (
            asset TEXT NOT NULL, installation INTEGER NOT NULL, machine_kind TEXT NOT NULL, device TEXT NOT NULL,
            first_frame INTEGER NOT NULL, last_frame INTEGER NOT NULL, last_time INTEGER NOT NULL,
            PRIMARY KEY (asset, installation)) WITHOUT ROWID;
        CREATE TABLE telemetry_unit_batch (
            asset TEXT NOT NULL, installation INTEGER NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (asset, installation, position)) WITHOUT ROWID;
        CREATE TABLE telemetry_dead_letter (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device TEXT NOT NULL, received_at INTEGER NOT NULL, reason TEXT NOT NULL, hash BLOB NOT NULL, payload BLOB NOT NULL,
            UNIQUE (device, hash));
        CREATE TABLE telemetry_total (
            batches INTEGER NOT NULL, readings INTEGER NOT NULL, bytes INTEGER NOT NULL, duplicates INTEGER NOT NULL, dead_letters INTEGER NOT NULL);
        INSERT INTO telemetry_total VALUES (0, 0, 0, 0, 0);

        CREATE TABLE maintenance (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE, asset TEXT NOT NULL, installation INTEGER NOT NULL, kind INTEGER NOT NULL,
            frame INTEGER NOT NULL, at INTEGER NOT NULL, note TEXT, recorded_by TEXT);
        CREATE INDEX maintenance_unit ON maintenance (asset, installation);

        CREATE TABLE event (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL);
        CREATE INDEX event_subject ON event (subject, position);

        CREATE TABLE artifact (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
        """;

    private static readonly Action<SqliteSession>[] Steps = [session => session.Execute(First), TelemetryTables.Rebuild, NothingMoves];

    public static int Version => Steps.Length;

    /// <summary>Brings the file to this program's version.</summary>
    /// <exception cref="StoreException">A newer program wrote it, or none of this product.</exception>
    public static void Migrate(SqliteSession session, string path)
    {
        if (CloudFile.Problem(session) is { } problem)
        {
            throw new StoreException($"The file '{path}' {problem}; move it away, or put a backup of the cloud in its place.");
        }

        var found = Found(session, path);
        if (found == Version && CloudFile.IsMarked(session))
        {
            return;
        }

        session.Transact(() =>
        {
            Raise(session, found, Version);
            CloudFile.Mark(session);
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        });
    }

    /// <summary>Takes the steps from one version to another; the caller says the new version in the file.</summary>
    public static void Raise(SqliteSession session, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            Steps[step](session);
        }
    }

    /// <summary>For readers that may not migrate.</summary>
    public static void Require(SqliteSession session, string path)
    {
        var found = Found(session, path);
        if (found < Version)
        {
            throw new StoreException($"The database '{path}' has schema {found} and this program reads {Version}; start the cloud on it once to bring it forward.");
        }
    }

    // The third version: a row of telemetry_batch may have several batches. Those of the second have one each, and a program of then would take a row for one.
    private static void NothingMoves(SqliteSession session)
    {
    }

    private static int Found(SqliteSession session, string path)
    {
        var found = session.First("PRAGMA user_version", row => row.GetInt32(0));
        return found <= Version
            ? found
            : throw new StoreException($"The database '{path}' has schema {found}, written by a newer program; this one knows up to {Version}. Use the newer program, or another data folder.") { Newer = true };
    }
}
