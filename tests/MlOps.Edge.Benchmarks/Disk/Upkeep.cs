using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>Does at once what the cloud does over a month: rollups, and the three levels of compaction.</summary>
internal static class Upkeep
{
    private const int Levels = 3;

    /// <param name="folder">Of a store that no cloud has open.</param>
    /// <returns>Seconds of processor time.</returns>
    public static async Task<double> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var before = Environment.CpuUsage.TotalTime;
        await using var services = new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
        var upkeep = services.GetRequiredService<ITelemetryUpkeep>();
        await upkeep.RollUpAsync(cancellationToken);
        for (var level = 1; level <= Levels; level++)
        {
            await upkeep.CompactAsync(level, DateTimeOffset.MaxValue, cancellationToken);
        }

        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
