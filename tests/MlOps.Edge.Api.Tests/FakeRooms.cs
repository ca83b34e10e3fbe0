using System.Reflection;
using System.Text.Json.Nodes;
using MlOps.Edge.Api.Tests.Backups;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Tests;

/// <summary>The rooms as tables that a test fills in.</summary>
public sealed class FakeRooms : IFleetGrain, IModelCatalogGrain, IRolloutCatalogGrain, IHeartbeat, IEventLog
{
    public List<DeviceSummary> Fleet { get; } = [];
    public FakeDeadLetters DeadLetters { get; } = new();
    public Dictionary<string, DeviceView> Devices { get; } = [];
    public Dictionary<string, FakeModel> Models { get; } = [];
    public Dictionary<string, FakeRollout> Rollouts { get; } = [];

    /// <summary>The states that whoever reads a rollout again sees one after the other.</summary>
    public Queue<RolloutState> RolloutsAhead { get; } = new();
    public Dictionary<string, DriftStatus> Drift { get; } = [];
    public Dictionary<string, FakeLifecycle> Lifecycles { get; } = [];
    public Dictionary<string, TrainingRunView> Runs { get; } = [];
    public List<LoggedEvent> Log { get; } = [];
    public List<DateTimeOffset> Heartbeats { get; } = [];
    public FakeMaintenance Maintenance { get; } = new();
    public FakeBackups Backups { get; } = new();
    public FakeTelemetry Telemetry { get; } = new();

    /// <summary>What the registry does when it is out of order.</summary>
    public Exception? CatalogFailure { get; set; }

    public object Grain(Type type, string key) => type switch
    {
        _ when type == typeof(IFleetGrain) || type == typeof(IModelCatalogGrain) || type == typeof(IRolloutCatalogGrain) => this,
        _ when type == typeof(IDeviceGrain) => new FakeDevice(Devices, key),
        _ when type == typeof(IModelGrain) => Models.GetValueOrDefault(key) ?? (Models[key] = new(key)),
        _ when type == typeof(IRolloutGrain) => Rollouts.GetValueOrDefault(key) ?? (Rollouts[key] = new(key, RolloutsAhead)),
        _ when type == typeof(IDriftGrain) => new FakeDrift(Drift.GetValueOrDefault(key) ?? new() { Model = key }),
        _ when type == typeof(ILifecycleGrain) => Lifecycles.GetValueOrDefault(key) ?? (Lifecycles[key] = new(key)),
        _ when type == typeof(ITrainingRunGrain) => new FakeTrainingRun(key, Runs.GetValueOrDefault(key)),
        _ => throw new NotSupportedException(type.Name),
    };

    public Task UpdateAsync(DeviceSummary device) => throw new NotSupportedException();

    Task<DeviceSummary[]> IFleetGrain.ListAsync(FleetSelector selector) =>
        Task.FromResult(Fleet.Where(d => (selector.Group ?? d.Group) == d.Group && (selector.MachineKind ?? d.MachineKind) == d.MachineKind).ToArray());

    public Task AddAsync(string model) => throw new NotSupportedException();

    Task<string[]> IModelCatalogGrain.ListAsync() => CatalogFailure is null ? Task.FromResult(Models.Keys.Order().ToArray()) : Task.FromException<string[]>(CatalogFailure);

    public Task AddAsync(string rollout, string model) => throw new NotSupportedException();

    Task<string> IRolloutCatalogGrain.ClaimAsync(string rollout, string model) => Task.FromResult(rollout);

    Task IRolloutCatalogGrain.ReleaseAsync(string rollout) => Task.CompletedTask;

    Task<string[]> IRolloutCatalogGrain.RunningAsync() => Task.FromResult(Array.Empty<string>());

    Task<string[]> IRolloutCatalogGrain.ListAsync(string? model) =>
        Task.FromResult(Rollouts.Where(r => model is null || r.Value.View?.Plan.Model == model).Select(r => r.Key).Order().ToArray());

    public Task AdvanceAsync(DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        Heartbeats.Add(watermark);
        return Task.CompletedTask;
    }

    public Task AppendAsync(string id, DateTimeOffset at, string subject, string kind, JsonObject data, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after, string? subject, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LoggedEvent>>([.. Log.Where(e => e.Position > after && (subject ?? e.Subject) == e.Subject).Take(limit)]);
}

/// <summary>A grain factory that only knows <c>GetGrain(key)</c>.</summary>
public class FakeGrainFactory : DispatchProxy
{
    private FakeRooms? _rooms;

    public static IGrainFactory Over(FakeRooms rooms)
    {
        var factory = Create<IGrainFactory, FakeGrainFactory>();
        ((FakeGrainFactory)(object)factory)._rooms = rooms;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _rooms!.Grain(targetMethod!.ReturnType, (string)args![0]!);
}

public sealed class FakeDevice(Dictionary<string, DeviceView> devices, string id) : IDeviceGrain
{
    private DeviceView View => devices.GetValueOrDefault(id) ?? new() { Id = id };

    public Task<DeviceQuarantine> QuarantineAsync(string reason, DateTimeOffset at) => throw new NotSupportedException();

    public Task<DeviceQuarantine?> GetQuarantineAsync(DateTimeOffset now) => throw new NotSupportedException();

    public Task<bool> ReleaseAsync(string by, DateTimeOffset at)
    {
        var released = View.Quarantine?.IsOver(at) == false;
        devices[id] = View with { Quarantine = null };
        return Task.FromResult(released);
    }

    public Task<DeviceView> GetAsync() => Task.FromResult(View);
    public Task<IngestAnswer> IngestAsync(IngestBatch[] batches) => throw new NotSupportedException();
    public Task ReportAsync(DeviceReport report) => throw new NotSupportedException();
    public Task ConnectionAsync(bool online, string session) => throw new NotSupportedException();
    public Task<long> AssignAsync(Assignment assignment) => throw new NotSupportedException();
    public Task AnnounceAsync() => throw new NotSupportedException();
}

public sealed class FakeModel(string name) : IModelGrain
{
    public ModelView? View { get; set; }

    public Task DefineAsync(string definitionJson)
    {
        if (View is not null && View.DefinitionJson != definitionJson)
        {
            throw new ModelConflictException($"Model '{name}' is defined otherwise.");
        }

        View ??= new(name, definitionJson, [], []);
        return Task.CompletedTask;
    }

    public Task<ModelView?> GetAsync() => Task.FromResult(View);
    public Task<ModelVersionView> RegisterAsync(VersionDraft draft) => throw new NotSupportedException();

    public Task<ModelVersionView> ReissueAsync(int version, string reason, DateTimeOffset at)
    {
        if (View!.Versions[^1] is var newest && (newest.Version == version || newest.ReissueOf == version))
        {
            return Task.FromResult(newest);
        }

        var made = View.Versions[version - 1] with { Version = View.Versions.Length + 1, ReissueOf = version, RegisteredAt = at };
        View = View with { Versions = [.. View.Versions, made] };
        return Task.FromResult(made);
    }

    public Task SetAliasAsync(string alias, int? version, string reason, DateTimeOffset at) => throw new NotSupportedException();
}

public sealed class FakeRollout(string id, Queue<RolloutState> ahead) : IRolloutGrain
{
    public RolloutView? View { get; set; }

    public Task<RolloutView> StartAsync(RolloutPlan plan)
    {
        View = plan.Version <= 2
            ? new() { Id = id, Plan = plan, State = RolloutState.Running, Waves = [new() { Number = 1, Mode = WaveMode.Shadow, State = WaveState.Running, Devices = ["pump-07"] }], Reason = "the first wave settles" }
            : throw new InvalidRolloutException($"{plan.Model} has no version {plan.Version}.");
        return Task.FromResult(View);
    }

    public Task<RolloutView?> GetAsync()
    {
        View = View is not null && ahead.TryDequeue(out var next) ? View with { State = next } : View;
        return Task.FromResult(View);
    }

    public Task<RolloutView> PauseAsync(string by, string reason) => Move(RolloutState.Running, RolloutState.Paused, $"{by}: {reason}");
    public Task<RolloutView> ResumeAsync(string by, string reason) => Move(RolloutState.Paused, RolloutState.Running, $"{by}: {reason}");
    public Task<RolloutView> AbortAsync(string by, string reason) => Move(View!.State, RolloutState.Aborted, $"{by}: {reason}");
    public Task<RolloutView> TickAsync(DateTimeOffset watermark) => throw new NotSupportedException();

    private Task<RolloutView> Move(RolloutState from, RolloutState to, string reason) => View!.State == from
        ? Task.FromResult(View = View with { State = to, Reason = reason })
        : throw new InvalidRolloutException($"Rollout '{id}' is not {from}.");
}

public sealed class FakeDrift(DriftStatus status) : IDriftGrain
{
    public Task<DriftStatus> GetAsync() => Task.FromResult(status);
    public Task<DriftStatus> EvaluateAsync(DateTimeOffset watermark) => throw new NotSupportedException();
    public Task<UnitScoreView[]> GetUnitScoresAsync() => Task.FromResult<UnitScoreView[]>([new("pump-07#1", "pump-07", 1, DateTimeOffset.UnixEpoch, 200, 180, 1800.5, 160, 5400)]);
}

public sealed class FakeLifecycle(string model) : ILifecycleGrain
{
    public LifecycleOrder? Order { get; private set; }

    public Task BeginAsync(LifecycleOrder order)
    {
        Order ??= order;
        return Task.CompletedTask;
    }

    public Task<LifecycleView> GetAsync() =>
        Task.FromResult(new LifecycleView { Model = model, State = Order is null ? LifecycleState.Idle : LifecycleState.Training, Reason = "the first version is trained", Order = Order });

    public Task<LifecycleView> TickAsync(DateTimeOffset watermark) => throw new NotSupportedException();
}

public sealed class FakeTrainingRun(string run, TrainingRunView? view) : ITrainingRunGrain
{
    public Task<TrainingRunView> GetAsync() => view is null ? Task.FromException<TrainingRunView>(new TrainingRunNotFoundException($"There is no training run '{run}'.")) : Task.FromResult(view);
    public Task StartAsync(TrainingOrder order) => throw new NotSupportedException();
    public Task<TrainingRunView> WaitAsync(TimeSpan atMost) => throw new NotSupportedException();
    public Task ProgressAsync(string step, string detail) => throw new NotSupportedException();
    public Task CompleteAsync(TrainingRunView result) => throw new NotSupportedException();
}

public sealed class FakeMaintenance : IMaintenanceDesk, IMaintenanceLog
{
    private readonly List<RecordedMaintenance> _events = [];

    public Task<RecordedMaintenance> RecordAsync(MaintenanceReport report, CancellationToken cancellationToken)
    {
        if (report.Asset == "pump-99")
        {
            throw new UnknownUnitException("No readings of an asset 'pump-99' are stored; known are pump-07.");
        }

        var entry = new MaintenanceEvent
        {
            Id = report.Id ?? $"{report.Asset}.{report.Kind}.{report.Frame}",
            Asset = report.Asset,
            Installation = report.Installation ?? 1,
            Kind = report.Kind,
            Frame = report.Frame ?? 99,
            At = report.At ?? DateTimeOffset.UnixEpoch,
            Note = report.Note,
            RecordedBy = report.RecordedBy,
        };
        var same = _events.FirstOrDefault(e => e.Event.Id == entry.Id);
        if (same is not null && same.Event != entry)
        {
            throw new InvalidMaintenanceEventException($"Event '{entry.Id}' is recorded with another content.");
        }

        if (same is null && _events.Any(e => e.Event.Unit == entry.Unit && e.Event.Kind == MaintenanceKind.Failure))
        {
            throw new InvalidMaintenanceEventException($"Unit {entry.Unit} has ended already.");
        }

        if (same is null)
        {
            _events.Add(same = new(_events.Count + 1, entry));
        }

        return Task.FromResult(same);
    }

    public Task<IReadOnlyList<RecordedMaintenance>> HistoryAsync(AssetId asset, CancellationToken cancellationToken) => asset.ToString() == "pump-99"
        ? throw new UnknownUnitException("No readings of an asset 'pump-99' are stored; known are pump-07.")
        : ListAsync(asset, cancellationToken);

    public Task<IReadOnlyList<RecordedMaintenance>> ReadAsync(long after, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedMaintenance>>([.. _events.Where(e => e.Position > after)]);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => Task.FromResult(_events.Count == 0 ? 0 : _events[^1].Position);

    public Task<IReadOnlyList<RecordedMaintenance>> ListAsync(AssetId asset, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedMaintenance>>([.. _events.Where(e => e.Event.Asset == asset.ToString())]);

    public Task<long> AppendAsync(MaintenanceEvent entry, CancellationToken cancellationToken) => throw new NotSupportedException();
}

public sealed class FakeDeadLetters : IDeadLetters
{
    public List<(DeadLetter Letter, byte[] Payload)> All { get; } = [];

    public Task<IReadOnlyList<DeadLetter>> ListAsync(DeviceId? device, long? before, int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<DeadLetter>>(
        [.. All.Select(l => l.Letter).Where(l => (device is null || l.Device == device) && l.Id < (before ?? long.MaxValue)).OrderByDescending(l => l.Id).Take(limit)]);

    public Task<(DeadLetter Letter, byte[] Payload)?> FindAsync(long id, CancellationToken cancellationToken) =>
        Task.FromResult(All.Where(l => l.Letter.Id == id).Select(l => ((DeadLetter, byte[])?)l).FirstOrDefault());
}
