using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Peers;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using Npgsql;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>A PostgreSQL server beside the cloud, which the case starts.</summary>
internal sealed class PostgresMeasuredStore : IMeasuredStore
{
    private const string Database = "postgres";
    private const string EmptyDatabase = "empty";
    private const string Readings = "relname LIKE 'telemetry\\_%' AND relname <> 'telemetry_rollup'";
    private const string Rollups = "relname = 'telemetry_rollup'";

    private readonly PostgresServer _server;
    private readonly PeakMemory _peak;

    private PostgresMeasuredStore(PostgresServer server)
    {
        (_server, _peak) = (server, PeakMemory.Watch(server.Processes));
        CloudSettings = new Dictionary<string, string>
        {
            ["MLOPS_Telemetry__Store"] = "postgres",
            ["MLOPS_Telemetry__Postgres__ConnectionString"] = server.ConnectionString(Database),
        };
    }

    public IReadOnlyDictionary<string, string> CloudSettings { get; }

    /// <exception cref="PeerSkippedException">There is no PostgreSQL 15, and none can be installed.</exception>
    public static async Task<PostgresMeasuredStore> StartAsync(WorkFolder folder, CancellationToken cancellationToken) =>
        new(await PostgresServer.StartAsync(folder, cancellationToken));

    public ProcessSample Used() => new(_server.Processes.CpuSeconds(), _peak.Bytes);

    public ServiceProvider Open(bool readOnly) => Open(Database);

    public async Task<long> InUseAsync(CancellationToken cancellationToken)
    {
        var empty = await EmptyAsync(cancellationToken);
        return await SizeAsync(Database, Readings, cancellationToken) - empty.Readings;
    }

    public async Task<DiskUse> VacuumedAsync(CancellationToken cancellationToken)
    {
        var empty = await EmptyAsync(cancellationToken);
        await ExecuteAsync(Database, "VACUUM FULL", cancellationToken);
        return new(await SizeAsync(Database, Readings, cancellationToken) - empty.Readings, await SizeAsync(Database, Rollups, cancellationToken) - empty.Rollups);
    }

    public async ValueTask DisposeAsync()
    {
        await _peak.DisposeAsync();
        await _server.DisposeAsync();
    }

    private ServiceProvider Open(string database) => new ServiceCollection().AddPostgresTelemetry(_server.ConnectionString(database)).BuildServiceProvider();

    private async Task<DiskUse> EmptyAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(Database, $"CREATE DATABASE {EmptyDatabase} TEMPLATE template0", cancellationToken);
        await using (var services = Open(EmptyDatabase))
        {
            await services.GetRequiredService<ITelemetryStore>().GetHeadAsync(cancellationToken);
        }

        var empty = new DiskUse(await SizeAsync(EmptyDatabase, Readings, cancellationToken), await SizeAsync(EmptyDatabase, Rollups, cancellationToken));
        await ExecuteAsync(Database, $"DROP DATABASE {EmptyDatabase}", cancellationToken);
        return empty;
    }

    // A partition is a table of its own, and the one that it is part of has no file.
    private async Task<long> SizeAsync(string database, string tables, CancellationToken cancellationToken) => Convert.ToInt64(
        await ExecuteAsync(database, $"SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND {tables}", cancellationToken), CultureInfo.InvariantCulture);

    private async Task<object?> ExecuteAsync(string database, string sql, CancellationToken cancellationToken)
    {
        await using var connection = await _server.ConnectAsync(database, cancellationToken);
#pragma warning disable CA2100 // Constants.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
