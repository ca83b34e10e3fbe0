using System.Data.Common;
using Npgsql;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>One connection from the pool, which keeps its statements prepared. What nobody waits for goes to the server together.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : SqlSession
{
    private const int MostWaiting = 256;

    private NpgsqlBatch? _waiting;

    public override void Run(string sql, params ReadOnlySpan<object?> values)
    {
        _waiting ??= connection.CreateBatch();
        var command = new NpgsqlBatchCommand(sql);
        Add(command.Parameters, values);
        _waiting.BatchCommands.Add(command);
        if (_waiting.BatchCommands.Count == MostWaiting)
        {
            Flush();
        }
    }

    /// <summary>What devices write may hold a NUL, which PostgreSQL keeps in no text.</summary>
    public static string Text(string text) => text.Replace('\0', '\uFFFD');

    /// <summary>Two questions in one way to the server. The second knows what was committed when the first had its answer.</summary>
    /// <returns>The one row of the first, and the rows of the second.</returns>
    public (TFirst First, List<TSecond> Second) QueryBoth<TFirst, TSecond>(
        string first, Func<DbDataReader, TFirst> readFirst, string second, Func<DbDataReader, TSecond> readSecond, params ReadOnlySpan<object?> valuesOfSecond)
    {
        Flush();
        using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(new(first));
        var command = new NpgsqlBatchCommand(second);
        Add(command.Parameters, valuesOfSecond);
        batch.BatchCommands.Add(command);
        using var rows = batch.ExecuteReader();
        rows.Read();
        var one = readFirst(rows);
        rows.NextResult();
        List<TSecond> others = [];
        while (rows.Read())
        {
            others.Add(readSecond(rows));
        }

        return (one, others);
    }

    /// <summary>Does what still waits.</summary>
    public void Flush()
    {
        if (_waiting is { } batch)
        {
            _waiting = null;
            batch.ExecuteNonQuery();
            batch.Dispose();
        }
    }

    protected override DbCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        Flush();
#pragma warning disable CA2100 // Every caller passes a constant; values travel as parameters.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        Add(command.Parameters, values);
        return command;
    }

    // A parameter without a name is positional.
    private static void Add(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value is string text ? Text(text) : value ?? DBNull.Value });
        }
    }
}
