using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Story;

/// <summary>
/// Brings the lives that were over before the fleet went into service to the cloud, by the way that all telemetry goes: an agent
/// replays what a plant's historian recorded, and the failures are recorded as maintenance events. Killed and begun again, it goes
/// on after the last frame that its agent committed; an event that was told is told again under the same id.
/// </summary>
internal sealed class Historian(FleetSettings settings, IMachineSource source, IReadOnlyList<HistoryUnit> units, CloudClient cloud, PlantBooks books, Action<StoryProgress> progress)
{
    public const string Device = "historian";

    // Large batches: recordings come all at once, and nobody waits for the newest frame.
    private const int BatchFrames = 4_800;

    public async Task ImportAsync(CancellationToken cancellationToken)
    {
        // A gateway device that watches many machines, in a group of its own. It takes no model: what it brings is past.
        var byAsset = units.ToDictionary(u => u.Asset.ToString());
        await using var device = await SimulatedDevice.StartAsync(Device, [.. byAsset.Keys], source.Kind.Name, settings, options =>
        {
            options.Group = "history";
            options.TelemetryOnly = true;
            options.Outbox.BatchFrames = BatchFrames;
            (options.Outbox.ShortestBatchAge, options.Outbox.LongestBatchAge) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1));
            options.Outbox.BacklogAfter = Timeout.InfiniteTimeSpan;
        }, (asset, resume) => new HistoryFeed(source, byAsset[asset], resume), cancellationToken);

        // The first batch brings the columns' names. Once it is acknowledged no other has them, so that all are the same in every run.
        var ended = units.Count - await device.Agent.StepAsync(cancellationToken);
        await device.Agent.FlushAsync(cancellationToken);
        await device.Agent.SettledAsync(0, cancellationToken);
        while (ended < units.Count)
        {
            ended = units.Count - await device.Agent.StepAsync(cancellationToken);
            progress(new("history", ended, units.Count));
        }

        await device.Agent.FlushAsync(cancellationToken);
        await device.Agent.SettledAsync(0, cancellationToken);
        foreach (var unit in units)
        {
            books.Produced(Device, unit.Asset.ToString(), HistoryUnit.Installation, unit.Name, 0, unit.Life - 1);
            await cloud.RecordAsync(new($"{unit.Asset}.1.failure", unit.Asset.ToString(), HistoryUnit.Installation, "failure", unit.Life - 1, unit.Failed, null, "historian"), cancellationToken);
        }

        books.Flush();
    }
}
