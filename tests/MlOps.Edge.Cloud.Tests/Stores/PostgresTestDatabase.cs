using Npgsql;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>A schema, or where a test changes more, a database of its own on the server that <c>MLOPS_TEST_POSTGRES</c> names; it goes when this is disposed of.</summary>
public sealed class PostgresTestDatabase : IDisposable
{
    private readonly string _server;
    private readonly bool _whole;

    private PostgresTestDatabase(string server, string name, bool whole)
    {
        (_server, Name, _whole) = (server, name, whole);
        var settings = new NpgsqlConnectionStringBuilder(server);
        if (whole)
        {
            settings.Database = name;
        }
        else
        {
            settings.SearchPath = name;
        }

        ConnectionString = settings.ConnectionString;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>Skips the test where there is no server.</summary>
    /// <param name="whole">A database, which takes the server a second; else a schema.</param>
    public static PostgresTestDatabase Make(bool whole = false)
    {
        var server = Environment.GetEnvironmentVariable(PostgresServer.Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(server), $"set {PostgresServer.Variable} to the connection string of a PostgreSQL 15 where databases may be made, or run tests/run-postgres.sh");
        var database = new PostgresTestDatabase(server, $"mlops_test_{Guid.NewGuid():N}", whole);
        database.Administer(whole ? $"CREATE DATABASE {database.Name} ENCODING UTF8 TEMPLATE template0" : $"CREATE SCHEMA {database.Name}");
        return database;
    }

    /// <summary>As the server's own user, from outside of the database.</summary>
    public void Administer(string sql) => Execute(_server, sql);

    public void Execute(string sql) => Execute(ConnectionString, sql);

    public void Dispose() => Administer(_whole ? $"DROP DATABASE {Name} WITH (FORCE)" : $"DROP SCHEMA {Name} CASCADE");

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
public static class PostgresServer
{
    public const string Variable = "MLOPS_TEST_POSTGRES";
    public const string Trait = "Store";
    public const string Name = "PostgreSQL";
}
