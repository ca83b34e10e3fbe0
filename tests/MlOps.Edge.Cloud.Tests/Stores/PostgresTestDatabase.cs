using Npgsql;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>A database of its own on the server that <c>MLOPS_TEST_POSTGRES</c> names; it goes when this is disposed of.</summary>
public sealed class PostgresTestDatabase : IDisposable
{
    private readonly string _server;

    private PostgresTestDatabase(string server, string name) =>
        (_server, Name, ConnectionString) = (server, name, new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString);

    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>Skips the test where there is no server.</summary>
    public static PostgresTestDatabase Make()
    {
        var server = Environment.GetEnvironmentVariable(Postgres.Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"set {Postgres.Variable} to the connection string of a PostgreSQL 15 where databases may be made, or run tests/run-postgres.sh");
        var database = new PostgresTestDatabase(server, $"mlops_test_{Guid.NewGuid():N}");
        database.Administer($"CREATE DATABASE {database.Name} ENCODING UTF8 TEMPLATE template0");
        return database;
    }

    /// <summary>As the server's own user, from outside of the database.</summary>
    public void Administer(string sql) => Execute(_server, sql);

    public void Execute(string sql) => Execute(ConnectionString, sql);

    public void Dispose() => Administer($"DROP DATABASE {Name} WITH (FORCE)");

    private static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

/// <summary>What marks the tests that need a server.</summary>
public static class Postgres
{
    public const string Variable = "MLOPS_TEST_POSTGRES";
    public const string Trait = "Store";
    public const string Name = "PostgreSQL";
}
