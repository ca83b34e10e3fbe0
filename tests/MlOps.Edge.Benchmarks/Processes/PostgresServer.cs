using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Peers;
using Npgsql;

namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>A PostgreSQL 15 of its own, as <c>tests/postgres-server.sh</c> makes it: the tests' way to one, with what is acknowledged on disk and PostgreSQL's own settings else.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Shell = "bash";
    private const string Script = "postgres-server.sh";

    private readonly StartedProcess _process;
    private readonly string _passwordFile;
    private readonly int _port;

    private PostgresServer(StartedProcess process, string passwordFile, int port)
    {
        (_process, _passwordFile, _port) = (process, passwordFile, port);
        Processes = new(process.Id);
    }

    /// <summary>The server's own, one for each connection, and those in the background.</summary>
    public ProcessFamily Processes { get; }

    /// <exception cref="PeerSkippedException">It is missing, and cannot be installed.</exception>
    public static async Task<PostgresServer> StartAsync(WorkFolder folder, CancellationToken cancellationToken)
    {
        var shell = Installed.Find(Shell) ?? throw new PeerSkippedException($"{Shell} is not installed");
        var script = Path.Combine(AppContext.BaseDirectory, Script);
        await Installed.RunAsync(shell, [script, "install"], null, [], cancellationToken);
        folder.LetOthersEnter();
        var (place, port) = (folder["postgres"], Ports.Free());
        var server = new PostgresServer(
            StartedProcess.Start("PostgreSQL", shell, [script, "serve", place, FormattableString.Invariant($"{port}")]), Path.Combine(place, "password"), port);
        try
        {
            await server._process.UntilAsync("it took connections", () => server.TakesConnectionsAsync(cancellationToken));
            return server;
        }
        catch
        {
            await server._process.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "postgres",
        Password = File.ReadAllText(_passwordFile),
        Database = database,
    }.ConnectionString;

    public async Task<NpgsqlConnection> ConnectAsync(string database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString(database)) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it in order, once nobody is connected.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (_process)
        {
            await _process.StopAsync();
        }
    }

    private async Task<bool> TakesConnectionsAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(_passwordFile))
        {
            return false;
        }

        try
        {
            await (await ConnectAsync("postgres", cancellationToken)).DisposeAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
