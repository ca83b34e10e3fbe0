using System.Globalization;
using System.Net;
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

    /// <summary>Defines the model while no device lives yet, so that a plant which the cloud refuses does not begin. A cloud that is away is asked later.</summary>
    /// <exception cref="OtherPlanException">The cloud has the model at another pace.</exception>
    public async Task AgreeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DefineAsync(cancellationToken);
        }
        catch (CloudException e) when (e.MayPass)
        {
            // Nobody is there to agree with; the request itself says so and asks again.
        }
    }

    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        var model = source.Kind.RulModel;
        await SayAsync(() => DefineAsync(cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The model {model.Name} is defined: {model.Window} frames of {model.Channels.Count} channels, one each {model.SampleInterval:g}.");

        using var books = new PlantBooks(settings.State);
        await SayAsync(() => new Historian(settings, source, history, cloud, books, _ => { }).ImportAsync(cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The history is in: {history.Count} lives of {history.Sum(unit => unit.Life)} frames, each to its failure.");

        // Training takes no declared time: by the clock a version counts as soon as it is there.
        await SayAsync(() => cloud.BeginLifecycleAsync(model.Name, new(settings.Seed, TimeSpan.Zero), cancellationToken), cancellationToken);
        await log.WriteLineAsync($"The model is in the loop; follow it with 'mlops model history {model.Name}' and 'mlops rollout list'.");
    }

    private async Task DefineAsync(CancellationToken cancellationToken)
    {
        var model = source.Kind.RulModel;
        try
        {
            await cloud.DefineModelAsync(model, cancellationToken);
        }
        catch (CloudException e) when (e.Status == HttpStatusCode.Conflict)
        {
            var standing = await cloud.SampleIntervalAsync(model.Name, cancellationToken);
            if (standing == model.SampleInterval)
            {
                throw;
            }

            throw new OtherPlanException(string.Create(CultureInfo.InvariantCulture,
                $"The cloud at {settings.Cloud} has the model {model.Name} at a pace of {standing.TotalSeconds:0.###} s, and this plant's is {model.SampleInterval.TotalSeconds:0.###} s. Start it with --pace {standing.TotalSeconds:0.###}, or give both other folders: --state here, --data-folder there."));
        }
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
