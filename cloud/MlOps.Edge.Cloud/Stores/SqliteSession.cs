using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// One connection with its statements prepared once. Parameters are positional: <c>$1</c>, <c>$2</c>, ...
/// Not for use by two threads at a time.
/// </summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly List<SqliteStatement> _prepared = [];

    /// <summary>All of the work or, where it throws, none of it.</summary>
    public void Transact(Action work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            work();
            Execute("COMMIT");
        }
        finally
        {
            // SQLite has rolled back by itself after some errors, a full disk among them.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Execute("ROLLBACK");
            }
        }
    }

    /// <summary>A statement that lives as long as the session. Whoever asks keeps it: it is prepared anew at each call.</summary>
    public SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(connection.Handle!, sql);
        _prepared.Add(statement);
        return statement;
    }

    /// <returns>The number of rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var rows = Bind(sql, values).ExecuteReader();
        List<T> result = [];
        while (rows.Read())
        {
            result.Add(read(rows));
        }

        return result;
    }

    /// <returns>The first row, or the default where there is none.</returns>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var rows = Bind(sql, values).ExecuteReader();
        return rows.Read() ? read(rows) : default;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _prepared.ForEach(statement => statement.Dispose());
        connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = Prepare(sql, values.Length);
            _statements.Add(sql, statement);
        }

        for (var i = 0; i < values.Length; i++)
        {
            statement.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return statement;
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var statement = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant; values travel as parameters.
        statement.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 1; i <= parameters; i++)
        {
            statement.Parameters.Add(new SqliteParameter($"${i}", DBNull.Value));
        }

        return statement;
    }
}
