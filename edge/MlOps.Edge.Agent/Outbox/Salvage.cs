using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// What can still be read of a damaged file goes into the new one: its streams, so that the cloud is told which batches will never come, and
/// where the machines were, so that no frame gets the age of another. The batches themselves are not believed.
/// </summary>
internal static class Salvage
{
    private const int EpochBytes = 16;

    /// <param name="path">The damaged file.</param>
    /// <param name="into">The new one, with its tables.</param>
    public static void Take(string path, SqliteConnection into)
    {
        using var from = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        using var transaction = into.BeginTransaction();
        var to = new OutboxConnection(into);
        var readings = Rows(from, "SELECT stream, sum(readings) FROM batch GROUP BY stream").ToDictionary(row => (long)row[0], row => (long)row[1]);

        // A file of an older agent has no kinds, and no times.
        var streams = Rows(from, "SELECT ordinal, epoch, next, kind FROM stream") is { Count: > 0 } all ? all : Rows(from, "SELECT ordinal, epoch, next, 1 FROM stream");
        foreach (var row in streams.Where(row => row is [long, byte[] { Length: EpochBytes }, > 1L, long]))
        {
            to.Execute("INSERT INTO stream (ordinal, epoch, next, kind) VALUES ($ordinal, $epoch, $next, $kind)", ("$ordinal", row[0]), ("$epoch", row[1]), ("$next", row[2]), ("$kind", row[3]));
            to.Execute("INSERT INTO damaged (stream, readings) VALUES ($stream, $readings)", ("$stream", row[0]), ("$readings", readings.GetValueOrDefault((long)row[0])));
        }

        var assets = Rows(from, "SELECT id, installation, age, time_ms FROM asset") is { Count: > 0 } timed ? timed : Rows(from, "SELECT id, installation, age, NULL FROM asset");
        foreach (var row in assets)
        {
            to.Execute("INSERT INTO asset (id, installation, age, time_ms) VALUES ($id, $installation, $age, $time)", ("$id", row[0]), ("$installation", row[1]), ("$age", row[2]), ("$time", row[3]));
        }

        transaction.Commit();
    }

    // As many as can be read: none where the table is no more.
    private static List<object[]> Rows(SqliteConnection from, string sql)
    {
        var rows = new List<object[]>();
        try
        {
            from.Open();
            using var command = from.CreateCommand();
            command.CommandText = sql;
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                var values = new object[row.FieldCount];
                row.GetValues(values);
                rows.Add(values);
            }
        }
        catch (SqliteException)
        {
            // What came before the damage counts.
        }
        finally
        {
            from.Close();
        }

        return rows;
    }
}
