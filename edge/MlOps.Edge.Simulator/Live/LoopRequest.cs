using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Story;

namespace MlOps.Edge.Simulator.Live;

/// <summary>
/// What a plant's people ask of the cloud once: they define the model, bring the recorded history, and take the model into the
/// loop. Every part may be done again, so that a restart begins from the top and changes nothing that was done.
/// </summary>
internal sealed class LoopRequest(FleetSettings settings, IMachineSource source, IReadOnlyList<HistoryUnit> history, CloudClient cloud, TimeProvider clock, TextWriter log)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        var model = source.Kind.RulModel;
        await SayAsync(() => cloud.DefineModelAsync(model, cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The model {model.Name} is defined: {model.Window} frames of {model.Channels.Count} channels, one each {model.SampleInterval:g}.");

        using var books = new PlantBooks(settings.State);
        await SayAsync(() => new Historian(settings, source, history, cloud, books, _ => { }).ImportAsync(cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The history is in: {history.Count} lives of {history.Sum(unit => unit.Life)} frames, each to its failure.");

        // Training takes no declared time: by the clock a version counts as soon as it is there.
        await SayAsync(() => cloud.BeginLifecycleAsync(model.Name, new(settings.Seed, TimeSpan.Zero), cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The model is in the loop; follow it with 'mlops model history {model.Name}' and 'mlops rollout list'.");
    }

    private async Task SayAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                await ask();
                return;
            }
            catch (CloudException e) when (e.MayPass)
            {
                if (!told)
                {
                    await log.WriteLineAsync($"{e.Message} It is asked again until it does.");
                }
            }

            await Task.Delay(Retry, clock, cancellationToken);
        }
    }
}
