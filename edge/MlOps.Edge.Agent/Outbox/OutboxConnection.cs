using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Statements and transactions on the outbox's file. One caller at a time.</summary>
internal sealed class OutboxConnection(SqliteConnection opened) : IDisposable
{
    private SqliteConnection _connection = opened;

    private const int CacheWrite = 9; // SQLITE_DBSTATUS_CACHE_WRITE, https://www.sqlite.org/c3ref/c_dbstatus_options.html
    private const long PageBytes = 4096;

    /// <summary>Durable transactions so far.</summary>
    public long Commits { get; private set; }

    /// <summary>What went to the journal so far, in bytes of whole pages.</summary>
    public long BytesWritten => raw.sqlite3_db_status(_connection.Handle, CacheWrite, out var pages, out _, 0) == raw.SQLITE_OK ? pages * PageBytes : 0;

    /// <summary>
    /// All of the work or nothing. When it is <paramref name="durable"/> it is on the disk on return; otherwise a power cut may undo it,
    /// whole, and never what was durable before.
    /// </summary>
    public void Transact(bool durable, Action work)
    {
        if (durable)
        {
            Transact(work);
            Commits++;
            return;
        }

        Execute("PRAGMA synchronous=NORMAL");
        try
        {
            Transact(work);
        }
        finally
        {
            Execute("PRAGMA synchronous=FULL");
        }
    }

    /// <summary>Closes the file and goes on with another.</summary>
    public void Replace(Func<SqliteConnection> other)
    {
        _connection.Dispose();
        _connection = other();
    }

    /// <returns>How many rows it changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    public void Dispose() => _connection.Dispose();

    // Disposing what was not committed rolls it back.
    private void Transact(Action work)
    {
        using var transaction = _connection.BeginTransaction();
        work();
        transaction.Commit();
    }
}
