using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>What the readings of a store take on disk, keys, indexes and half-empty pages included.</summary>
/// <param name="InUse">Pages of the file that are in use for readings, as it is.</param>
/// <param name="Vacuumed">The same, written anew without holes.</param>
/// <param name="Rollups">What the rollups take beside it.</param>
internal sealed record DiskUse(long InUse, long Vacuumed, long Rollups)
{
    private const string File = "cloud.db";

    /// <summary>Measures a folder that no cloud writes. SQLite here has no table that tells the pages of each: copies with and without are compared.</summary>
    public static async Task<DiskUse> MeasureAsync(string folder)
    {
        using var work = new WorkFolder();
        await using (var services = new ServiceCollection().AddSqliteStores(work["empty"]).BuildServiceProvider())
        {
            await services.GetRequiredService<ITelemetryStore>().GetHeadAsync(CancellationToken.None);
        }

        var empty = UsedBytes(work["empty/" + File]);
        var source = Path.Combine(folder, File);
        var used = UsedBytes(source);
        Execute(source, $"VACUUM INTO '{work["all.db"]}'");
        var all = UsedBytes(work["all.db"]);
        Execute(work["all.db"], "DELETE FROM grain_state");
        Execute(work["all.db"], "VACUUM");
        var telemetry = UsedBytes(work["all.db"]);
        Execute(work["all.db"], "DELETE FROM telemetry_rollup");
        Execute(work["all.db"], "VACUUM");
        var readings = UsedBytes(work["all.db"]);
        return new(used - (all - readings) - empty, readings - empty, telemetry - readings);
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
}
