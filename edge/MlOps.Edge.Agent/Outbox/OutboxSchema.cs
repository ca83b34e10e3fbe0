using System.Globalization;
using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The tables of the outbox's file, and how an older file becomes one of today.</summary>
internal static class OutboxSchema
{
    // Each batch once, under its own key; the blob is large for a row, so the key is an index beside a rowid table.
    private const string First = """
        CREATE TABLE IF NOT EXISTS stream (ordinal INTEGER PRIMARY KEY, epoch BLOB NOT NULL UNIQUE, next INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS batch (stream INTEGER NOT NULL, sequence INTEGER NOT NULL, readings INTEGER NOT NULL,
            state INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS batch_key ON batch (stream, sequence);
        CREATE TABLE IF NOT EXISTS asset (id TEXT PRIMARY KEY, installation INTEGER NOT NULL, age INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS frame (asset TEXT NOT NULL, age INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (asset, age)) STRICT, WITHOUT ROWID;
        """;

    // Refused batches were rows of state 2 among the others, without a reason.
    private const string Second = """
        CREATE TABLE refused (number INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, readings INTEGER NOT NULL,
            code TEXT NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL) STRICT;
        INSERT INTO refused (stream, sequence, readings, code, reason, payload)
            SELECT stream, sequence, readings, 'conflict', 'the cloud gave no reason', payload FROM batch WHERE state = 2 ORDER BY stream, sequence;
        DELETE FROM batch WHERE state = 2;
        """;

    // There was one stream at a time, the live one (1). Every batch carried its schemas, so that the cloud's word on those which wait says
    // nothing of what it has learned.
    private const string Third = """
        CREATE TABLE dictionary (id BLOB PRIMARY KEY, schema BLOB NOT NULL, acknowledged INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        ALTER TABLE batch ADD COLUMN carries BLOB;
        ALTER TABLE batch ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX batch_made ON batch (made);
        CREATE INDEX batch_gap ON batch (stream, sequence) WHERE state = 1;
        CREATE TABLE damaged (stream INTEGER PRIMARY KEY, readings INTEGER NOT NULL) STRICT;
        CREATE TABLE gone (reason TEXT PRIMARY KEY, readings INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        ALTER TABLE asset ADD COLUMN time_ms INTEGER;
        ALTER TABLE stream ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE stream ADD COLUMN offered INTEGER NOT NULL DEFAULT 0;
        """;

    private static readonly string[] Steps = [First, Second, Third];

    /// <exception cref="AgentFailureException">The file is of a newer agent.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(ask.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Steps.Length)
        {
            throw new AgentFailureException($"The outbox '{path}' was made by a newer agent (its version is {version}, this agent's {Steps.Length}); install that agent again.");
        }

        using var transaction = connection.BeginTransaction();
        for (var step = version; step < Steps.Length; step++)
        {
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"{Steps[step]} PRAGMA user_version = {step + 1};");
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
