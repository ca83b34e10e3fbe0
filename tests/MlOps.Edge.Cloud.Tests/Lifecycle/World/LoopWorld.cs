using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Google.Protobuf;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Lifecycle.World;

/// <summary>Everything around rollouts and lifecycle, in memory: devices that obey at once, and what they say.</summary>
public sealed class LoopWorld : ITelemetryStore, IEventLog, IMaintenanceLog
{
    public static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(50);
    private readonly Lock _gate = new();
    private readonly List<StoredBatch> _batches = [];
    private readonly List<LoggedEvent> _events = [];
    private readonly List<RecordedMaintenance> _maintenance = [];

    public SortedDictionary<string, DeviceSummary> Fleet { get; } = new(StringComparer.Ordinal);
    public ModelView Model { get; set; } = new("rul", """{"name":"rul","machineKind":"pump","channels":[],"window":50,"sampleInterval":"01:00:00","rulCap":125}""", [], []);
    public DriftStatus Drift { get; set; } = new() { Model = "rul" };
    public ConcurrentDictionary<string, TrainingRunView> Runs { get; } = new();
    public HashSet<string> Refusing { get; } = [];

    /// <summary>Devices on which a model does not give its golden answers.</summary>
    public HashSet<string> Failing { get; } = [];

    /// <summary>What a version says of a unit with so many hours to live.</summary>
    public Func<int, double, double> Predict { get; set; } = (_, life) => Math.Min(life, 125);

    /// <summary>The next assignments fail after being taken: what a crash between the work and its bookmark looks like.</summary>
    public int CrashesAfterAssign { get; set; }

    /// <summary>The next writes of grain state that fail.</summary>
    public int FailingWrites { get; set; }
    public int Assignments { get; private set; }

    public void AddDevices(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            var id = $"pump-{i:00}";
            Fleet[id] = new() { Id = id, Group = "default", MachineKind = "pump", Online = true, LastSeen = Start };
        }
    }

    public ModelVersionView AddVersion(string run = "by-hand", DateTimeOffset? at = null)
    {
        if (Model.Versions.FirstOrDefault(v => v.Run == run) is { } made)
        {
            return made;
        }

        var version = new ModelVersionView
        {
            Model = "rul",
            Version = Model.Versions.Length + 1,
            Manifest = "m",
            Signature = "s",
            Onnx = "o",
            Size = 1,
            Blobs = [],
            Snapshot = "n",
            Run = run,
            Trainer = "t",
            Metrics = [],
            RegisteredAt = at ?? Start,
        };
        Model = Model with { Versions = [.. Model.Versions, version] };
        return version;
    }

    public long Assign(string device, Assignment assignment)
    {
        lock (_gate)
        {
            var seen = Fleet[device];
            if (seen.Desired != assignment)
            {
                Assignments++;
                var epoch = seen.DesiredEpoch + 1;
                seen = seen with { Desired = assignment, DesiredEpoch = epoch };
                Fleet[device] = seen.Online ? Obey(seen, epoch) : seen;
            }

            if (CrashesAfterAssign > 0)
            {
                CrashesAfterAssign--;
                throw new InvalidOperationException("the power went out");
            }

            return Fleet[device].DesiredEpoch;
        }
    }

    public void Connect(string device, bool online)
    {
        var seen = Fleet[device] with { Online = online };
        Fleet[device] = online && seen.ReportedEpoch < seen.DesiredEpoch ? Obey(seen, seen.DesiredEpoch) : seen;
    }

    /// <summary>Every device that is online lives one hour and says what its models predict.</summary>
    public DateTimeOffset Live(int hour)
    {
        foreach (var device in Fleet.Values.Where(d => d.Online).ToList())
        {
            var batch = new TelemetryBatch { Device = device.Id };
            batch.Readings.Add(new Readings { Asset = device.Id, Installation = 1, FirstFrame = (ulong)hour, Frames = 1, FirstTimeMs = Start.AddHours(hour).ToUnixTimeMilliseconds() });
            foreach (var (model, role) in new[] { (device.Active, PredictionRole.Active), (device.Shadow, PredictionRole.Shadow) })
            {
                if (model is not null)
                {
                    var rul = (float)Predict(model.Version, 200 - hour + device.Id[^1] - '0');
                    var said = new Predictions { Asset = device.Id, Installation = 1, Model = "rul", Version = (uint)model.Version, Role = role, Frames = { (ulong)hour } };
                    said.Outputs.Add([Column("rul", rul), Column("rul_lower", rul - 10), Column("rul_upper", rul + 10)]);
                    batch.Predictions.Add(said);
                }
            }

            _batches.Add(new(_batches.Count + 1, DeviceId.Parse(device.Id), batch.ToByteArray()));
            Fleet[device.Id] = device with { LastSeen = Start.AddHours(hour) };
        }

        return Start.AddHours(hour);
    }

    public void Fail(string unit, int hour) => _maintenance.Add(new(_maintenance.Count + 1, new()
    {
        Id = unit,
        Asset = UnitRef.Parse(unit).Asset.ToString(),
        Installation = UnitRef.Parse(unit).Installation,
        Kind = MaintenanceKind.Failure,
        Frame = hour,
        At = Start.AddHours(hour),
    }));

    public IReadOnlyList<LoggedEvent> Told(string kind) => [.. _events.Where(e => e.Kind == kind)];

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) => throw new NotSupportedException();

    private DeviceSummary Obey(DeviceSummary seen, long epoch)
    {
        var (refuses, state, reason) = Refusing.Contains(seen.Id) ? (true, DeploymentState.Rejected, "too large")
            : Failing.Contains(seen.Id) ? (true, DeploymentState.Failed, "golden vector 1: 12.0, expected 48.0")
            : (false, DeploymentState.Succeeded, null);
        DeploymentView? Deployed(string role, AssignedModel? model, RunningModelView? runs) => model is null || (runs?.Version == model.Version && !refuses) ? null
            : new(role, epoch, seen.Desired!.Rollout, model.Model, model.Version, state, reason, 0, 0);
        RunningModelView? Runs(AssignedModel? model, RunningModelView? had) => model is null ? null : refuses ? had : new(model.Model, model.Version, "digest");
        return seen with
        {
            ReportedEpoch = epoch,
            Deployments = [.. new[] { Deployed("active", seen.Desired!.Active, seen.Active), Deployed("shadow", seen.Desired.Shadow, seen.Shadow) }.OfType<DeploymentView>()],
            Active = Runs(seen.Desired.Active, seen.Active),
            Shadow = Runs(seen.Desired.Shadow, seen.Shadow),
        };
    }

    private static OutputColumn Column(string name, float value) => new() { Name = name, Values = { value } };

    Task<IReadOnlyList<StoredBatch>> ITelemetryStore.ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredBatch>>([.. _batches.Where(b => b.Position > after).Take(limit)]);

    Task<IReadOnlyList<UnitExtent>> ITelemetryStore.ListUnitsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<UnitExtent>>([.. _maintenance.Select(m => new UnitExtent(m.Event.Unit, "pump", DeviceId.Parse("pump-01"), 0, m.Event.Frame, m.Event.At))]);

    Task<AppendOutcome> ITelemetryStore.AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<StreamExtent>> ITelemetryStore.GetStreamsAsync(DeviceId device, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<long> ITelemetryStore.GetHeadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    IAsyncEnumerable<StoredBatch> ITelemetryStore.ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<TelemetryTotals> ITelemetryStore.CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task IEventLog.AppendAsync(string id, DateTimeOffset at, string subject, string kind, JsonObject data, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_events.All(e => e.Id != id))
            {
                _events.Add(new(_events.Count + 1, id, at, subject, kind, data.ToJsonString()));
            }
        }

        return Task.CompletedTask;
    }

    Task<IReadOnlyList<LoggedEvent>> IEventLog.ReadAsync(long after, string? subject, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<RecordedMaintenance>> IMaintenanceLog.ReadAsync(long after, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedMaintenance>>([.. _maintenance.Where(m => m.Position > after)]);

    Task<long> IMaintenanceLog.AppendAsync(MaintenanceEvent entry, CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<long> IMaintenanceLog.GetHeadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    Task<IReadOnlyList<RecordedMaintenance>> IMaintenanceLog.ListAsync(AssetId asset, CancellationToken cancellationToken) => throw new NotSupportedException();
}
