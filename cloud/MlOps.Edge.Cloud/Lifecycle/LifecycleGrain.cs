using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>Gathers facts, has <see cref="LifecycleStep"/> decide, saves, then acts. What a crash left undone is done on the next turn.</summary>
internal sealed partial class LifecycleGrain(
    [PersistentState("lifecycle")] IPersistentState<LifecycleRecord> stored,
    IEventLog events,
    LabelCount labels,
    TrainerCatalog trainers,
    IOptions<LifecycleOptions> options,
    ILogger<LifecycleGrain> logger) : Grain, ILifecycleGrain
{
    private string Model => this.GetPrimaryKeyString();

    public async Task BeginAsync(LifecycleOrder order)
    {
        if (stored.State.Order is not null)
        {
            return;
        }

        if (await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync() is null)
        {
            throw new ModelConflictException($"there is no model {Model}; define it before it is taken into the loop");
        }

        // The order stays: with a name that no trainer has, every run of this model would fail, for good.
        if (order.Trainer is { } trainer && !trainers.Names.Contains(trainer))
        {
            throw new InvalidModelException($"no trainer is called '{trainer}'; known trainers are {string.Join(", ", trainers.Names)}");
        }

        await SaveAsync(stored.State with { Order = order, Reason = "begins at the next turn" });
    }

    public async Task<LifecycleView> TickAsync(DateTimeOffset watermark)
    {
        var loop = await WorkAsync(stored.State, watermark);
        if (loop.Order is null || watermark < loop.Watermark || loop.Owed is not null)
        {
            return View(loop);
        }

        // A step may open the way for the next one; each is saved before its work, and each looks at fresh facts.
        while (true)
        {
            var facts = await GatherAsync(loop, watermark);
            var next = LifecycleStep.TellFaults(loop, facts);
            next = next.Step == loop.Step ? LifecycleStep.Next(loop, facts, options.Value) : next;
            if (next.Step == loop.Step)
            {
                // A new reason or watermark is worth no write: the next turn finds it again.
                stored.State = next;
                await WelcomeAsync(next);
                return View(next);
            }

            await SaveAsync(next);
            LogStep(Model, next.State, next.Reason);
            loop = await WorkAsync(next, watermark);
            if (loop.Owed is not null)
            {
                return View(loop);
            }
        }
    }

    public Task<LifecycleView> GetAsync() => Task.FromResult(View(stored.State));

    private async Task<LifecycleFacts> GatherAsync(LifecycleRecord loop, DateTimeOffset watermark)
    {
        var model = await KnownModelAsync();
        var rollout = loop is { State: LifecycleState.RollingOut, Rollout: { } id } ? await GrainFactory.GetGrain<IRolloutGrain>(id).TickAsync(watermark) : null;
        if (rollout is { State: RolloutState.Finished or RolloutState.Aborted })
        {
            model = await KnownModelAsync(); // the rollout has just moved the aliases
        }

        var run = loop is { State: LifecycleState.Training, Run: { } runId } ? await GrainFactory.GetGrain<ITrainingRunGrain>(runId).GetAsync() : null;

        // Counting labels reads two stores: only where a cool-down begins or counts.
        var count = loop.RetryAtLabels is not null || run is { State: TrainingRunState.Succeeded or TrainingRunState.Failed } || rollout is { State: RolloutState.Aborted };
        return new(
            Model, watermark, model.Champion?.Version, await GrainFactory.GetGrain<IDriftGrain>(Model).GetAsync(), run, rollout,
            count ? await labels.CountAsync(MachineKind(model), watermark, CancellationToken.None) : 0);
    }

    /// <summary>Does what is owed. What cannot be done yet stays owed, and the reason says why.</summary>
    private async Task<LifecycleRecord> WorkAsync(LifecycleRecord loop, DateTimeOffset watermark)
    {
        if (loop.Owed is not { } work)
        {
            return loop;
        }

        foreach (var told in work.Events)
        {
            await events.AppendAsync(told.Id, loop.Since ?? watermark, told.Subject, told.Kind, JsonNode.Parse(told.Data)!.AsObject(), CancellationToken.None);
        }

        if (work.Train is { } order)
        {
            await GrainFactory.GetGrain<ITrainingRunGrain>(loop.Run!).StartAsync(order);
        }

        var rollout = loop.Rollout;
        if (work.RollOutBecause is { } because)
        {
            try
            {
                rollout = await RollOutAsync(loop.Run!, because, loop.Since ?? watermark, watermark);
            }
            catch (InvalidRolloutException e)
            {
                // No devices yet, or another rollout under way: the next turn tries again.
                stored.State = loop with { Watermark = watermark, Reason = $"the rollout waits: {e.Message}" };
                LogStep(Model, loop.State, stored.State.Reason);
                return stored.State;
            }
        }

        var done = loop with { Owed = null, Rollout = rollout };
        await SaveAsync(done);
        return done;
    }

    private async Task<string> RollOutAsync(string run, string because, DateTimeOffset decided, DateTimeOffset watermark)
    {
        var draft = (await GrainFactory.GetGrain<ITrainingRunGrain>(run).GetAsync()).Draft
            ?? throw new InvalidOperationException($"Training run {run} was blessed but has no draft to register.");
        var version = await GrainFactory.GetGrain<IModelGrain>(Model).RegisterAsync(draft with { At = decided });
        var rollout = $"{Model}-v{version.Version}";
        await GrainFactory.GetGrain<IRolloutGrain>(rollout).StartAsync(new() { Model = Model, Version = version.Version, StartedAt = watermark, Because = because });
        return rollout;
    }

    private async Task WelcomeAsync(LifecycleRecord loop)
    {
        if (loop.State == LifecycleState.RollingOut || (await KnownModelAsync()) is not { Champion: { } champion } model)
        {
            return;
        }

        var fleet = await GrainFactory.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new(MachineKind: MachineKind(model), TakesModels: true));
        var newcomers = Newcomers.Among(fleet);
        if (newcomers is [] || await IsRollingOutAsync())
        {
            return;
        }

        foreach (var device in newcomers)
        {
            await GrainFactory.GetGrain<IDeviceGrain>(device).AssignAsync(Newcomers.Welcome(champion.ToAssigned()));
        }
    }

    // A rollout started by hand has its own plans for devices that were told nothing yet.
    private async Task<bool> IsRollingOutAsync()
    {
        var catalog = GrainFactory.GetGrain<IRolloutCatalogGrain>(IRolloutCatalogGrain.Default);
        return (await catalog.RunningAsync()).Intersect(await catalog.ListAsync(Model)).Any();
    }

    private async Task<ModelView> KnownModelAsync() =>
        await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync() ?? throw new ModelConflictException($"there is no model {Model}");

    private static string MachineKind(ModelView model) =>
        JsonSerializer.Deserialize(model.DefinitionJson, ContractsJson.Default.ModelDefinition)?.MachineKind
        ?? throw new ModelConflictException($"{model.Name} has an empty definition");

    private Task SaveAsync(LifecycleRecord loop) => stored.CommitAsync(loop);

    private LifecycleView View(LifecycleRecord loop) => new()
    {
        Model = Model,
        State = loop.State,
        Reason = loop.Reason,
        Run = loop.Run,
        Rollout = loop.Rollout,
        Since = loop.Since,
        Order = loop.Order,
        Runs = loop.Runs,
        Awaits = loop.Awaits,
    };

    [LoggerMessage(LogLevel.Information, "Lifecycle of {Model} is {State}: {Reason}")]
    private partial void LogStep(string model, LifecycleState state, string reason);
}
