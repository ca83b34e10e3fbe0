using System.Net;
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
/// <param name="withLoop">The cloud is asked to train a model from the plant's history and to keep it in the loop.</param>
internal sealed class LiveFleet(FleetSettings settings, IMachineSource source, FleetPlan plan, CloudClient cloud, bool withLoop, TimeProvider clock, TextWriter log)
{
    // Waves are judged after a few frames: what the devices saw must not lie about for longer.
    private const int FramesPerBatch = 5;

    private static readonly TimeSpan ShortestBatch = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MaintenanceRetry = TimeSpan.FromSeconds(2);

    // A refusal is told at this round: until then the unit's last frames are on their way, which is nobody's trouble.
    private const int RefusalsUntilTold = 15;

    private TimeSpan Pace => source.Kind.SampleInterval;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The history ends at a fixed time, so that a restart imports the very same frames.
        var history = withLoop ? HistoryUnit.Of(source, plan.TimeOf(0)) : [];
        PlantFolder.WriteSamePlan(settings.State, plan, settings.Source, history);
        var loop = new LoopRequest(settings, source, history, cloud, clock, log);
        if (withLoop)
        {
            await loop.AgreeAsync(cancellationToken);
        }

        var devices = await Task.WhenAll(plan.Devices.Select(place => SimulatedDevice.StartAsync(
            place.Device, [place.Asset], plan.Kind.Name, settings,
            options =>
            {
                options.Outbox.ShortestBatchAge = TimeSpan.FromTicks(Math.Clamp(FramesPerBatch * Pace.Ticks, ShortestBatch.Ticks, LongestBatch.Ticks));
                options.Outbox.LongestBatchAge = LongestBatch;
                options.Models.MaxModelBytes = place.ModelBudgetBytes ?? options.Models.MaxModelBytes;
            },
            (_, resume) => new PlanFeed(plan, source, place.Index, resume, _ => clock.GetUtcNow()), cancellationToken)));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] works = [];
        try
        {
            await log.WriteLineAsync($"{devices.Length} devices live at {Pace.TotalSeconds:0.###} s a cycle; the broker is {settings.BrokerHost}:{settings.BrokerPort}. Ctrl+C stops them.");
            works =
            [
                .. devices.Select(device => StepAsync(device, ending.Token)),
                BookAsync(devices, ending.Token),
                withLoop ? loop.MakeAsync(ending.Token) : Task.CompletedTask,
            ];
            await foreach (var done in Task.WhenEach(works))
            {
                await done; // the first that fails ends the rest
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The rule's end.
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(works).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAll(devices.Select(device => device.DisposeAsync().AsTask()));
        }
    }

    private async Task StepAsync(SimulatedDevice device, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
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
        var (told, refusals) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
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
                catch (CloudException e) when (e.Status == HttpStatusCode.Conflict)
                {
                    booked.Add(entry.Id); // told before a restart, with the time that it was then: that one counts
                }
                catch (CloudException e)
                {
                    if (e.Status == HttpStatusCode.UnprocessableEntity && (refusals[entry.Id] = refusals.GetValueOrDefault(entry.Id) + 1) < RefusalsUntilTold)
                    {
                        continue;
                    }

                    if (told.Add(entry.Id)) // once is enough; the next round tries again
                    {
                        await log.WriteLineAsync($"{entry.Kind} of {entry.Asset} is booked later: {e.Message}");
                    }

                    if (e.MayPass)
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
