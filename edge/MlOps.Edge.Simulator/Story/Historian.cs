using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Story;

/// <summary>
/// Brings the lives that were over before the fleet went into service to the cloud, by the way that all telemetry goes: an agent
/// replays what a plant's historian recorded, and the failures are recorded as maintenance events.
/// </summary>
internal sealed class Historian(FleetSettings settings, IMachineSource source, IReadOnlyList<HistoryUnit> units, CloudClient cloud, PlantBooks books, Action<StoryProgress> progress)
{
    public const string Device = "historian";

    private const int BatchFrames = 240;

    public async Task ImportAsync(CancellationToken cancellationToken)
    {
        // A gateway device in a group of its own: it has no machine now, and no rollout is meant for it.
        await using var device = await SimulatedDevice.StartAsync(Device, units[0].Asset.ToString(), source.Kind.Name, settings, options =>
        {
            options.Group = "history";
            options.Outbox.BatchFrames = BatchFrames;
            options.Outbox.BatchAge = TimeSpan.FromDays(1);
        }, _ => new HistoryFeed(source, units), cancellationToken);

        for (var i = 0; i < units.Count; i++)
        {
            var unit = units[i];
            for (var frame = 0; frame < unit.Life; frame++)
            {
                await device.Agent.StepAsync(cancellationToken);
            }

            await device.Agent.FlushAsync(cancellationToken);
            books.Produced(Device, unit.Asset.ToString(), HistoryUnit.Installation, unit.Name, 0, unit.Life - 1);
            progress(new("history", i + 1, units.Count));
        }

        await device.Agent.SettledAsync(0, cancellationToken);
        foreach (var unit in units)
        {
            await cloud.RecordAsync(new($"{unit.Asset}.1.failure", unit.Asset.ToString(), HistoryUnit.Installation, "failure", unit.Life - 1, unit.Failed, null, "historian"), cancellationToken);
        }
    }
}
