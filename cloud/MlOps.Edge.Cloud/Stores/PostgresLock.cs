using Npgsql;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>A lock among all who use a database; it ends when this is disposed of, or with its connection.</summary>
internal sealed class PostgresLock : IAsyncDisposable
{
    // "mlop": the numbers of advisory locks are shared with whoever else uses the database.
    private const int Space = 0x6d6c6f70;

    private readonly NpgsqlConnection _connection;
    private readonly string _table;

    private PostgresLock(NpgsqlConnection connection, string table) => (_connection, _table) = (connection, table);

    /// <param name="table">It is named after.</param>
    /// <returns>Null: another has it.</returns>
    public static PostgresLock? TryTake(NpgsqlDataSource source, string table)
    {
        var connection = source.OpenConnection();
        try
        {
            if (Call(connection, "SELECT pg_try_advisory_lock($1, to_regclass($2)::oid::int)", table))
            {
                return new(connection, table);
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The pool keeps the connection as it is.
            await Task.Run(() => Call(_connection, "SELECT pg_advisory_unlock($1, to_regclass($2)::oid::int)", _table));
        }
        catch (Exception e) when (PostgresErrors.IsOf(e) || e is InvalidOperationException)
        {
            // With the connection the lock is gone too: none of them goes back into the pool.
            NpgsqlConnection.ClearPool(_connection);
        }

        await _connection.DisposeAsync();
    }

    private static bool Call(NpgsqlConnection connection, string sql, string table) => new PostgresSession(connection).First(sql, row => row.GetBoolean(0), Space, table);
}
