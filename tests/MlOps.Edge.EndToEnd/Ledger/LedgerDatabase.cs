using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.EndToEnd.Processes;
using Npgsql;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>
/// A database of its own on the PostgreSQL server that <c>MLOPS_TEST_POSTGRES</c> names, for a cloud's telemetry; it goes when this is disposed of. The
/// server's processes are in our hands where <c>MLOPS_TEST_POSTGRES_CONTROL</c> names the program for it (<c>tests/postgres-control.sh</c>).
/// </summary>
internal sealed class LedgerDatabase : IAsyncDisposable
{
    private const string ServerVariable = "MLOPS_TEST_POSTGRES";
    private const string ControlVariable = "MLOPS_TEST_POSTGRES_CONTROL";
    private const string FolderVariable = "MLOPS_TEST_POSTGRES_FOLDER";

    private readonly string _name = $"mlops_ledger_{Guid.NewGuid():N}";
    private readonly string _connectionString;
    private bool _isDown;

    private LedgerDatabase() =>
        _connectionString = new NpgsqlConnectionStringBuilder(Server) { Database = _name, Timeout = 5 }.ConnectionString;

    /// <summary>A cloud that writes its telemetry here.</summary>
    public ServedCloudOptions Cloud => new()
    {
        Environment = new Dictionary<string, string>
        {
            ["MLOPS_Telemetry__Store"] = "postgres",
            ["MLOPS_Telemetry__Postgres__ConnectionString"] = _connectionString,
        },
        AddStores = (services, _) => services.AddPostgresTelemetry(_connectionString),
    };

    private static string? Server => Environment.GetEnvironmentVariable(ServerVariable);

    private static string? Control => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } ? Environment.GetEnvironmentVariable(ControlVariable) : null;

    /// <summary>Skips the test where there is no server.</summary>
    public static void Need() => Assert.SkipWhen(
        string.IsNullOrEmpty(Server), $"there is no PostgreSQL 15: tests/run-ledger.sh starts one where it is installed, or set {ServerVariable} to the connection string of one");

    /// <summary>Skips the test where the server is not ours to kill.</summary>
    public static void NeedControl() => Assert.SkipWhen(string.IsNullOrEmpty(Control), $"the PostgreSQL of {ServerVariable} is not ours to kill; without that variable tests/run-ledger.sh starts one that is");

    public static async Task<LedgerDatabase> MakeAsync()
    {
        var database = new LedgerDatabase();
        await ExecuteAsync($"CREATE DATABASE {database._name} ENCODING UTF8 TEMPLATE template0");
        return database;
    }

    /// <summary>Ends the whole server without a goodbye.</summary>
    public async Task EndAsync(DatabaseEnd end)
    {
        _isDown = end != DatabaseEnd.Sessions;
        await (end switch
        {
            DatabaseEnd.Killed => ControlAsync("kill"),
            DatabaseEnd.Crashed => ControlAsync("crash"),
            _ => ControlAsync("kill-sessions", _name),
        });
    }

    /// <summary>Starts it again where it is down, and returns when it takes connections.</summary>
    public async Task StartAsync()
    {
        if (_isDown)
        {
            await ControlAsync("start");
            _isDown = false;
        }

        await Wait.UntilAsync("PostgreSQL takes connections", async () =>
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        await StartAsync();
        await ExecuteAsync($"DROP DATABASE {_name} WITH (FORCE)");
    }

    private static async Task ControlAsync(params string[] arguments)
    {
        await using var control = BuiltProgram.StartFile("the control of PostgreSQL", Control!, new Dictionary<string, string>(), arguments);
        var ended = await control.EndAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Error);
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names that are made here.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}

/// <summary>How a database server ends.</summary>
internal enum DatabaseEnd
{
    /// <summary>SIGKILL to all of its processes at once.</summary>
    Killed,

    /// <summary>As it ends itself when it must at once: <c>pg_ctl -m immediate</c>.</summary>
    Crashed,

    /// <summary>SIGKILL to the processes that serve the cloud: it ends all others and recovers by itself.</summary>
    Sessions,
}
