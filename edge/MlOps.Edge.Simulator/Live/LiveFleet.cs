using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Simulator.Story;

namespace MlOps.Edge.Simulator.Live;

/// <summary>
/// Lives the plan by the clock: each device steps at its pace whether the cloud is there or not, and after a stop or a kill goes
/// on with the frame after the last one that its agent committed.
/// </summary>
internal sealed class LiveFleet(FleetSettings settings, IMachineSource source, FleetPlan plan, CloudClient cloud, TimeSpan pace, TimeProvider clock, TextWriter log)
{
    private static readonly TimeSpan MaintenanceRetry = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        PlantFolder.WritePlan(settings.State, plan, settings.Source, []);
        var devices = await Task.WhenAll(plan.Devices.Select(place => SimulatedDevice.StartAsync(
            place.Device, [place.Asset], plan.Kind.Name, settings,
            options => options.Models.MaxModelBytes = place.ModelBudgetBytes ?? options.Models.MaxModelBytes,
            (_, resume) => new PlanFeed(plan, source, place.Index, resume, _ => clock.GetUtcNow()), cancellationToken)));
        try
        {
            await log.WriteLineAsync($"{devices.Length} devices live at {pace.TotalSeconds:0.###} s a cycle; the broker is {settings.BrokerHost}:{settings.BrokerPort}. Ctrl+C stops them.");
            await Task.WhenAll([.. devices.Select(device => StepAsync(device, cancellationToken)), BookAsync(devices, cancellationToken)]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The rule's end.
        }
        finally
        {
            await Task.WhenAll(devices.Select(device => device.DisposeAsync().AsTask()));
        }
    }

    private async Task StepAsync(SimulatedDevice device, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(pace, clock);
        while (((PlanFeed)device.Feeds[0]).NextTick <= plan.LastTick && await timer.WaitForNextTickAsync(cancellationToken))
        {
            await device.Agent.StepAsync(cancellationToken);
        }

        await device.Agent.FlushAsync(cancellationToken);
    }

    // Maintenance people book what they did when the cloud can be reached and has the frames, and book it once: an id that is
    // known is the same event.
    private async Task BookAsync(SimulatedDevice[] devices, CancellationToken cancellationToken)
    {
        var booked = new HashSet<string>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(MaintenanceRetry, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var due = devices.SelectMany((device, index) => plan.StintsOf(index)
                .SelectMany(stint => stint.Notes.Where(note => note.Tick < Committed(device, index)).Select(note => Bookings.Body(stint, note, at: null))));
            foreach (var entry in due.Where(entry => !booked.Contains(entry.Id)))
            {
                try
                {
                    await cloud.RecordAsync(entry, cancellationToken);
                    booked.Add(entry.Id);
                }
                catch (CloudException e)
                {
                    await log.WriteLineAsync($"{entry.Kind} of {entry.Asset} is booked later: {e.Message}");
                    if (!e.IsRefusal)
                    {
                        break; // nobody is there to be told the others
                    }
                }
            }
        }
    }

    // A booking speaks of frames that are on disk.
    private int Committed(SimulatedDevice device, int index) =>
        device.Agent.ResumePoint(device.Feeds[0].Asset) is { } at && plan.StintsOf(index).FirstOrDefault(s => s.Installation == at.Unit.Installation) is { } stint
            ? stint.FirstTick + (int)(at.Age - stint.FirstAge) + 1
            : 0;
}
