using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Tests.Lifecycle.World;

// Stand-ins for the grains of other rooms. Only LoopCluster lets them in; elsewhere the real ones are found by their names.
internal sealed class WorldDevice(LoopWorld world) : Grain, IDeviceGrain
{
    public Task<DeviceQuarantine> QuarantineAsync(string reason, DateTimeOffset at) => throw new NotSupportedException();

    public Task<DeviceQuarantine?> GetQuarantineAsync(DateTimeOffset now) => throw new NotSupportedException();

    public Task<bool> ReleaseAsync(string by, DateTimeOffset at) => throw new NotSupportedException();

    public Task<long> AssignAsync(Assignment assignment) => Task.FromResult(world.Assign(this.GetPrimaryKeyString(), assignment));

    public Task<IngestAnswer> IngestAsync(IngestBatch[] batches) => throw new NotSupportedException();

    public Task ReportAsync(DeviceReport report) => throw new NotSupportedException();

    public Task ConnectionAsync(bool online, string session) => throw new NotSupportedException();

    public Task AnnounceAsync() => throw new NotSupportedException();

    public Task<DeviceView> GetAsync() => throw new NotSupportedException();
}

internal sealed class WorldFleet(LoopWorld world) : Grain, IFleetGrain
{
    public Task UpdateAsync(DeviceSummary device) => throw new NotSupportedException();

    public Task<DeviceSummary[]> ListAsync(FleetSelector selector) =>
        Task.FromResult<DeviceSummary[]>([.. world.Fleet.Values.Where(d => (selector.Group ?? d.Group) == d.Group && (selector.MachineKind ?? d.MachineKind) == d.MachineKind && !(selector.TakesModels && d.TelemetryOnly))]);
}

internal sealed class WorldModel(LoopWorld world) : Grain, IModelGrain
{
    public Task DefineAsync(string definitionJson) => throw new NotSupportedException();

    public Task<ModelVersionView> RegisterAsync(VersionDraft draft) => Task.FromResult(world.AddVersion(draft.Run, draft.At));

    public Task<ModelVersionView> ReissueAsync(int version, string reason, DateTimeOffset at) => throw new NotSupportedException();

    public Task SetAliasAsync(string alias, int? version, string reason, DateTimeOffset at)
    {
        var aliases = world.Model.Aliases.Where(a => a.Key != alias).ToDictionary();
        if (version is { } v)
        {
            aliases[alias] = v;
        }

        world.Model = world.Model with { Aliases = aliases };
        return Task.CompletedTask;
    }

    public Task<ModelView?> GetAsync() => Task.FromResult(this.GetPrimaryKeyString() == world.Model.Name ? world.Model : null);
}

internal sealed class WorldCatalog : Grain, IModelCatalogGrain
{
    public Task AddAsync(string model) => throw new NotSupportedException();

    public Task<string[]> ListAsync() => Task.FromResult<string[]>(["rul"]);
}

internal sealed class WorldDrift(LoopWorld world) : Grain, IDriftGrain
{
    public Task<DriftStatus> EvaluateAsync(DateTimeOffset watermark) => Task.FromResult(world.Drift);

    public Task<DriftStatus> GetAsync() => Task.FromResult(world.Drift);

    public Task<UnitScoreView[]> GetUnitScoresAsync() => Task.FromResult<UnitScoreView[]>([]);
}

internal sealed class WorldTraining(LoopWorld world) : Grain, ITrainingRunGrain
{
    private string Run => this.GetPrimaryKeyString();

    public Task StartAsync(TrainingOrder order)
    {
        world.Runs.TryAdd(Run, new() { Run = Run, Order = order, State = TrainingRunState.Running });
        return Task.CompletedTask;
    }

    public Task<TrainingRunView> GetAsync() => Task.FromResult(world.Runs[Run]);

    public Task<TrainingRunView> WaitAsync(TimeSpan atMost) =>
        Task.FromResult(world.Runs[Run] = world.Runs[Run] with { State = TrainingRunState.Succeeded, Blessed = true, Reason = "better", Draft = Drafts.Of(Run, world.Runs[Run].Order.Watermark) });

    public Task ProgressAsync(string step, string detail) => throw new NotSupportedException();

    public Task CompleteAsync(TrainingRunView result) => throw new NotSupportedException();
}
