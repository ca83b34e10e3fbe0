using System.Globalization;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Contracts;
using MlOps.Edge.EndToEnd.Durability.Traces;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>The plain agent as a process, recorded, on a state folder that stays the same over restarts.</summary>
internal sealed class TracedAgent(string folder, int brokerPort, Tracer tracer) : IAsyncDisposable
{
    private RunningProgram? _process;

    public static DeviceId Device { get; } = DeviceId.Parse("pump-07");

    /// <summary>Below folders that it makes itself.</summary>
    public string State => Within(folder);

    /// <summary>Where the state folder is within a site, or within what a power cut left of it.</summary>
    public static string Within(string site) => Path.Combine(site, "var", "agent");

    /// <param name="pace">Between two frames.</param>
    /// <param name="settings">More options.</param>
    public void Start(TimeSpan pace, params IEnumerable<string> settings) => _process = tracer.Start(
        BuiltProgram.Agent,
        ["--port", brokerPort.ToString(CultureInfo.InvariantCulture), "--device", Device.ToString(), "--state", State, "--interval", "01:00:00", "--pace", pace.ToString("c"), .. settings]);

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async Task StopAsync()
    {
        var ended = await _process!.StopAsync();
        await _process.DisposeAsync();
        Assert.True(ended.ExitCode == 0, ended.Error);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task EndAsync()
    {
        await _process!.EndAsync();
        await _process.DisposeAsync();
    }

    /// <summary>A number out of its outbox, beside it; 0 before there is one.</summary>
    public long Ask(string sql)
    {
        var file = Path.Combine(State, "outbox.db");
        if (!File.Exists(file))
        {
            return 0;
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Tests pass constants.
            command.CommandText = sql;
#pragma warning restore CA2100
            return command.ExecuteScalar() is long number ? number : 0;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 1 or 5 or 8 or 14) // the agent is only making its tables, or recovering its journal
        {
            return 0;
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
