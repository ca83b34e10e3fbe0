using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary><c>cloud.db</c>, which the cloud itself writes.</summary>
/// <param name="folder">Of the cloud's data.</param>
internal sealed class SqliteMeasuredStore(string folder) : IMeasuredStore
{
    private const string File = "cloud.db";

    private string Source { get; } = Path.Combine(folder, File);

    public IReadOnlyDictionary<string, string> CloudSettings { get; } = new Dictionary<string, string>();

    public ProcessSample Used() => ProcessSample.None;

    public ServiceProvider Open(bool readOnly) => new ServiceCollection().AddSqliteStores(folder, readOnly).BuildServiceProvider();

    public async Task<long> InUseAsync(CancellationToken cancellationToken)
    {
        var copies = await CopyAsync(cancellationToken);
        return UsedBytes(Source) - (copies.All - copies.Readings) - copies.Empty;
    }

    public async Task<DiskUse> VacuumedAsync(CancellationToken cancellationToken)
    {
        var copies = await CopyAsync(cancellationToken);
        return new(copies.Readings - copies.Empty, copies.Telemetry - copies.Readings);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // SQLite here has no table that tells the pages of each: copies with and without are compared.
    private async Task<Copies> CopyAsync(CancellationToken cancellationToken)
    {
        using var work = new WorkFolder();
        await using (var services = new ServiceCollection().AddSqliteStores(work["empty"]).BuildServiceProvider())
        {
            await services.GetRequiredService<ITelemetryStore>().GetHeadAsync(cancellationToken);
        }

        var (empty, copy) = (UsedBytes(work["empty/" + File]), work["all.db"]);
        Execute(Source, $"VACUUM INTO '{copy}'");
        var all = UsedBytes(copy);
        Execute(copy, "DELETE FROM grain_state");
        Execute(copy, "VACUUM");
        var telemetry = UsedBytes(copy);
        Execute(copy, "DELETE FROM telemetry_rollup");
        Execute(copy, "VACUUM");
        return new(all, telemetry, UsedBytes(copy), empty);
    }

    private static long UsedBytes(string path) => Number(path, "PRAGMA page_size") * (Number(path, "PRAGMA page_count") - Number(path, "PRAGMA freelist_count"));

    private static long Number(string path, string sql)
    {
        using var connection = Open(path);
        using var command = Command(connection, sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(string path, string sql)
    {
        using var connection = Open(path);
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants, and a path of our own making.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    // Bytes of copies without holes: of everything, without grain state, without rollups too, of a new store.
    private sealed record Copies(long All, long Telemetry, long Readings, long Empty);
}
