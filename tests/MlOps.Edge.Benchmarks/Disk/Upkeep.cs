using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>Does at once what the cloud does over a month: rollups, and the three levels of compaction.</summary>
internal static class Upkeep
{
    private const int Levels = 3;

    /// <param name="store">That no cloud has open.</param>
    /// <returns>Seconds of processor time, of this process and of the store's own server.</returns>
    public static async Task<double> RunAsync(IMeasuredStore store, CancellationToken cancellationToken)
    {
        var (before, served) = (Environment.CpuUsage.TotalTime, store.Used());
        await using var services = store.Open(readOnly: false);
        var upkeep = services.GetRequiredService<ITelemetryUpkeep>();
        await upkeep.RollUpAsync(cancellationToken);
        for (var level = 1; level <= Levels; level++)
        {
            await upkeep.CompactAsync(level, DateTimeOffset.MaxValue, cancellationToken);
        }

        return (Environment.CpuUsage.TotalTime - before).TotalSeconds + store.Used().CpuSeconds - served.CpuSeconds;
    }
}
