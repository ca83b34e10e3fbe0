using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>
/// Lives the plan in virtual time, in lockstep with the cloud: machines go on only when the cloud has persisted what was, taken
/// its decisions, and the agents have followed them. See docs/decisions/virtual-time-in-lockstep.md.
/// </summary>
internal sealed class StoryConductor(FleetSettings settings, IMachineSource source, FleetPlan plan, CloudClient cloud, Action<StoryProgress> progress)
{
    /// <summary>Cycles between two meetings with the cloud: how far the plant may be ahead of it.</summary>
    private const int LookAhead = 5;

    /// <summary>Cycles that lives go on while a model is trained.</summary>
    private const int TrainingCycles = 20;

    /// <summary>Failures since a verdict that a retraining waits for: the first to fail are the short lives, and machines of the old kind. A small fleet would wait for ever.</summary>
    private int Cohort => Math.Clamp(plan.Devices.Count * 8 / 5, 16, 32);

    private static readonly TimeSpan NetworkPoll = TimeSpan.FromMilliseconds(20);

    private readonly List<SimulatedDevice> _devices = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var history = HistoryUnit.Of(source, plan.TimeOf(0));
        PlantFolder.WritePlan(settings.State, plan, settings.Source, history);
        using var books = new PlantBooks(settings.State);
        await cloud.DefineModelAsync(source.Kind.RulModel, cancellationToken);
        await new Historian(settings, source, history, cloud, books, progress).ImportAsync(cancellationToken);
        await cloud.BeginLifecycleAsync(source.Kind.RulModel.Name, new(settings.Seed, TrainingCycles * source.Kind.SampleInterval, Cohort: Cohort), cancellationToken);
        try
        {
            await StartDevicesAsync(cancellationToken);
            var end = Math.Min(plan.Options.Ticks, plan.LastTick + 1);
            for (var first = 0; first < end; first += LookAhead)
            {
                await LiveAsync(first, Math.Min(first + LookAhead, end), books, cancellationToken);
                progress(new("field", Math.Min(first + LookAhead, end), end));
            }

            // The story ends with everybody home: what a device still keeps is not lost.
            await MoveNetworksAsync(_ => true, cancellationToken);
        }
        finally
        {
            foreach (var device in _devices)
            {
                await device.DisposeAsync();
            }
        }
    }

    private async Task StartDevicesAsync(CancellationToken cancellationToken)
    {
        foreach (var place in plan.Devices)
        {
            _devices.Add(await SimulatedDevice.StartAsync(place.Device, [place.Asset], plan.Kind.Name, settings, options =>
            {
                // Batches end where the conductor says, so that they are the same in every run.
                (options.Outbox.BatchFrames, options.Outbox.ShortestBatchAge, options.Outbox.LongestBatchAge) = (int.MaxValue, TimeSpan.FromDays(1), TimeSpan.FromDays(1));

                // What a device keeps while it is away stays in one stream: how long that takes by the clock on the wall is no part of the story.
                options.Outbox.BacklogAfter = Timeout.InfiniteTimeSpan;
                (options.Link.ReportDelay, options.Link.ReportInterval) = (TimeSpan.FromMilliseconds(2), TimeSpan.FromHours(1));
                options.Models.MaxModelBytes = place.ModelBudgetBytes ?? options.Models.MaxModelBytes;
            }, (_, resume) => new PlanFeed(plan, source, place.Index, resume, plan.TimeOf), cancellationToken));
        }

        foreach (var device in _devices)
        {
            await device.Agent.SettledAsync(0, cancellationToken);
        }
    }

    private async Task LiveAsync(int first, int end, PlantBooks books, CancellationToken cancellationToken)
    {
        await MoveNetworksAsync(device => plan.At(first, device).Online, cancellationToken);
        for (var tick = first; tick < end; tick++)
        {
            foreach (var device in _devices)
            {
                await device.Agent.StepAsync(cancellationToken);
            }
        }

        await Task.WhenAll(_devices.Select(device => Task.Run(() => device.Agent.FlushAsync(cancellationToken), cancellationToken)));
        for (var tick = first; tick < end; tick++)
        {
            foreach (var at in plan.At(tick).Where(at => at.Stint is not null))
            {
                books.Produced(at);
            }
        }

        await SettledAsync(_ => 0, cancellationToken);
        for (var tick = first; tick < end; tick++)
        {
            foreach (var (stint, note) in plan.BookedAt(tick))
            {
                await cloud.RecordAsync(Bookings.Body(stint, note, plan.TimeOf(note.Tick)), cancellationToken);
            }
        }

        var epochs = await cloud.AdvanceClockAsync(plan.TimeOf(end - 1), cancellationToken);
        await SettledAsync(device => epochs.GetValueOrDefault(device.Id.ToString()), cancellationToken);
    }

    // A device without a network is not waited for.
    private Task SettledAsync(Func<SimulatedDevice, long> epoch, CancellationToken cancellationToken) =>
        Task.WhenAll(_devices.Where(d => d.Connected).Select(d => d.Agent.SettledAsync(epoch(d), cancellationToken)));

    // An outage begins and ends at a meeting, and only once the cloud has seen it.
    private async Task MoveNetworksAsync(Func<int, bool> isOnline, CancellationToken cancellationToken)
    {
        for (var index = 0; index < _devices.Count; index++)
        {
            var (device, online) = (_devices[index], isOnline(index));
            if (device.Connected == online)
            {
                continue;
            }

            device.SetNetwork(online);
            while (await cloud.IsOnlineAsync(device.Id, cancellationToken) != online)
            {
                await Task.Delay(NetworkPoll, TimeProvider.System, cancellationToken);
            }

            if (online)
            {
                await device.Agent.SettledAsync(0, cancellationToken);
            }
        }
    }
}
