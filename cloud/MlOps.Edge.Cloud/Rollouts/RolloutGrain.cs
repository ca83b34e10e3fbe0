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
using MlOps.Edge.Cloud.Rollouts.Gates;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>Gathers facts, has <see cref="RolloutStep"/> decide, saves, then acts. What a crash left undone is done on the next turn.</summary>
internal sealed partial class RolloutGrain(
    [PersistentState("rollout")] IPersistentState<RolloutGrainState> stored,
    [PersistentState("rollout-evidence")] IPersistentState<EvidenceRecord> evidence,
    IEventLog events,
    WaveQuality quality,
    IOptions<RolloutOptions> options,
    ILogger<RolloutGrain> logger) : Grain, IRolloutGrain
{
    private string Id => this.GetPrimaryKeyString();

    private IRolloutCatalogGrain Catalog => GrainFactory.GetGrain<IRolloutCatalogGrain>(IRolloutCatalogGrain.Default);

    public async Task<RolloutView> StartAsync(RolloutPlan plan)
    {
        if (stored.State.Rollout is { } begun)
        {
            return (begun.Plan.Model, begun.Plan.Version) == (plan.Model, plan.Version)
                ? RolloutViews.Of(await WorkAsync(begun))
                : throw new InvalidRolloutException($"rollout {Id} is of {begun.Plan.Model} v{begun.Plan.Version}; another rollout needs another id");
        }

        var rollout = await PrepareAsync(plan);
        await ClaimAsync(plan.Model);
        await evidence.CommitAsync(new() { Bookmark = await quality.FindEndAsync() });
        await SaveAsync(rollout);
        LogStep(Id, rollout.Reason);
        return RolloutViews.Of(await WorkAsync(rollout));
    }

    public async Task<RolloutView> TickAsync(DateTimeOffset watermark)
    {
        if (stored.State.Rollout is null)
        {
            // A start that crashed after its claim: nothing was touched, and the model must not stay held.
            await Catalog.ReleaseAsync(Id);
        }

        var rollout = await WorkAsync(Known());
        if (rollout.Ended || watermark < rollout.Watermark)
        {
            return RolloutViews.Of(rollout);
        }

        var fleet = await GrainFactory.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new());
        var seen = fleet.ToDictionary(d => d.Id);
        evidence.State = await quality.PullAsync(rollout, evidence.State);
        rollout = RolloutStep.Observe(rollout, new(watermark, seen, []), options.Value);

        // A step may open the way for the next one (a wave passes, the next begins); each is saved before its work.
        while (true)
        {
            var gates = await quality.JudgeAsync(rollout, evidence.State, watermark, GrainFactory);
            var next = RolloutStep.Next(rollout, new(watermark, seen, gates), options.Value);
            if (next.Step == rollout.Step)
            {
                // Counts, watermark and reason are worth no write: the next turn finds them again.
                stored.State = new() { Rollout = next };
                return RolloutViews.Of(next);
            }

            await evidence.WriteStateAsync();
            await SaveAsync(next);
            LogStep(Id, next.Reason);
            rollout = await WorkAsync(next);
        }
    }

    public Task<RolloutView> PauseAsync(string by, string reason) =>
        CommandAsync(r => RolloutStep.Command(r, RolloutEvent.Pause, $"paused by {by}: {reason}"));

    public Task<RolloutView> ResumeAsync(string by, string reason) =>
        CommandAsync(r => RolloutStep.Command(r, RolloutEvent.Resume, $"resumed by {by}: {reason}"));

    public Task<RolloutView> AbortAsync(string by, string reason) =>
        CommandAsync(r => RolloutStep.Abort(r, RolloutEvent.Abort, $"aborted by {by}: {reason}"));

    public Task<RolloutView?> GetAsync() => Task.FromResult(stored.State.Rollout is { } rollout ? RolloutViews.Of(rollout) : null);

    private RolloutRecord Known() => stored.State.Rollout ?? throw new InvalidRolloutException($"there is no rollout {Id}");

    private async Task<RolloutView> CommandAsync(Func<RolloutRecord, RolloutRecord> command)
    {
        var rollout = command(await WorkAsync(Known()));
        await SaveAsync(rollout);
        LogStep(Id, rollout.Reason);
        return RolloutViews.Of(await WorkAsync(rollout));
    }

    private Task SaveAsync(RolloutRecord rollout) => stored.CommitAsync(new() { Rollout = rollout });

    private async Task<RolloutRecord> PrepareAsync(RolloutPlan plan)
    {
        var model = await GrainFactory.GetGrain<IModelGrain>(plan.Model).GetAsync()
            ?? throw new InvalidRolloutException($"there is no model {plan.Model}");
        var target = model.Versions.FirstOrDefault(v => v.Version == plan.Version)
            ?? throw new InvalidRolloutException($"{plan.Model} has no version {plan.Version}; it has {(model.Versions is [] ? "none" : string.Join(", ", model.Versions.Select(v => v.Version)))}");
        var definition = JsonSerializer.Deserialize(model.DefinitionJson, ContractsJson.Default.ModelDefinition)
            ?? throw new InvalidRolloutException($"{plan.Model} has an empty definition");
        var devices = await GrainFactory.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new(plan.Group, definition.MachineKind, TakesModels: true));
        if (devices is [])
        {
            throw new InvalidRolloutException($"no device that takes models watches a {definition.MachineKind}{(plan.Group is null ? "" : $" in group {plan.Group}")} yet");
        }

        var champion = model.Champion is { } current && current.Version != plan.Version ? current.ToAssigned() : null;
        var waves = WaveCompiler.Plan(plan, champion is not null, definition.SampleInterval, options.Value);
        var rollout = new RolloutRecord
        {
            Id = Id,
            Plan = plan with { Waves = waves },
            Target = target.ToAssigned(),
            Champion = champion,
            Waves = WaveCompiler.Compile(plan, waves, devices.Select(d => d.Id), options.Value),
            Reason = $"{plan.Model} v{plan.Version} goes to {devices.Length} devices",
            Watermark = plan.StartedAt,
            SampleInterval = definition.SampleInterval,
            RulCap = definition.RulCap,
            TargetIsChampion = model.Champion?.Version == plan.Version,
        };
        return rollout with
        {
            Owed = new() { Aliases = [new(Aliases.Challenger, plan.Version, $"rollout {Id} started")], Events = [RolloutEvents.Started(rollout)] },
        };
    }

    private async Task ClaimAsync(string model)
    {
        var holder = await Catalog.ClaimAsync(Id, model);
        if (holder == Id)
        {
            return;
        }

        // A rollout that crashed between its claim and its first write, or between its end and its release, holds nothing any more.
        if (await GrainFactory.GetGrain<IRolloutGrain>(holder).GetAsync() is not { State: RolloutState.Running or RolloutState.Paused })
        {
            await Catalog.ReleaseAsync(holder);
            holder = await Catalog.ClaimAsync(Id, model);
        }

        if (holder != Id)
        {
            throw new InvalidRolloutException($"rollout {holder} of {model} is under way; wait for it, or abort it first");
        }
    }

    private async Task<RolloutRecord> WorkAsync(RolloutRecord rollout)
    {
        if (rollout.Owed is not { } work)
        {
            return rollout;
        }

        var epochs = new Dictionary<string, long>();
        foreach (var (device, assignment) in work.Assign)
        {
            epochs[device] = await GrainFactory.GetGrain<IDeviceGrain>(device).AssignAsync(assignment);
        }

        var registry = GrainFactory.GetGrain<IModelGrain>(rollout.Plan.Model);
        foreach (var alias in work.Aliases)
        {
            if (alias.OnlyFrom is null || (await registry.GetAsync())?.Aliases.GetValueOrDefault(alias.Alias) == alias.OnlyFrom)
            {
                await registry.SetAliasAsync(alias.Alias, alias.Version, alias.Reason, rollout.Watermark);
            }
        }

        foreach (var told in work.Events)
        {
            await events.AppendAsync(told.Id, rollout.Watermark, RolloutEvents.Subject(Id), told.Kind, JsonNode.Parse(told.Data)!.AsObject(), CancellationToken.None);
        }

        if (work.Release)
        {
            await Catalog.ReleaseAsync(Id);
        }

        var done = rollout with { Owed = null, Touched = [.. rollout.Touched.Select(t => epochs.TryGetValue(t.Device, out var epoch) ? t with { Epoch = epoch } : t)] };
        await SaveAsync(done);
        return done;
    }

    [LoggerMessage(LogLevel.Information, "Rollout {Rollout}: {Reason}")]
    private partial void LogStep(string rollout, string reason);
}

[GenerateSerializer, Alias("mlops.rollout-grain-state")]
internal sealed record RolloutGrainState
{
    /// <summary>null: not begun.</summary>
    [Id(0)] public RolloutRecord? Rollout { get; init; }
}
