using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>One connection with its statements prepared once.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : SqlSession, IDisposable
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

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _prepared.ForEach(statement => statement.Dispose());
        connection.Dispose();
    }

    protected override DbCommand Bind(string sql, ReadOnlySpan<object?> values)
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
