using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// One prepared statement without rows, for what is done tens of thousands of times a second: values go to SQLite as they are, unboxed and
/// without a reader for each call. Belongs to a <see cref="SqliteSession"/>.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <param name="index">From 1.</param>
    public SqliteStatement Set(int index, long value)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_bind_int64(_statement, index, value), _database);
        return this;
    }

    /// <inheritdoc cref="Set(int, long)"/>
    public SqliteStatement Set(int index, ReadOnlySpan<byte> value)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_bind_blob(_statement, index, value), _database);
        return this;
    }

    /// <returns>The number of rows changed.</returns>
    /// <exception cref="SqliteException">The statement fails.</exception>
    public int Run()
    {
        var result = raw.sqlite3_step(_statement);
        try
        {
            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, _database);
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            // It says once more what the step has said.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();
}
