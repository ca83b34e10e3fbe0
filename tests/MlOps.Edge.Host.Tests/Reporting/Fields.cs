using System.Runtime.InteropServices;
using Google.Protobuf;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

/// <summary>A field that a test writes down: batches as they would have come, and what maintenance recorded.</summary>
internal sealed class Fields : ITelemetryStore, IMaintenanceLog
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Channels = ["flow", "temperature"];

    private readonly List<StoredBatch> _batches = [];
    private readonly List<RecordedMaintenance> _events = [];

    public static VirtualCalendar Calendar => new(Start, TimeSpan.FromHours(1));

    /// <summary>Two channels, frames <paramref name="first"/> to <paramref name="last"/>.</summary>
    public Fields Readings(string unit, long first, long last) => Readings(unit, first, last, Channels);

    public Fields Readings(string unit, long first, long last, params IEnumerable<string> channels)
    {
        var of = UnitRef.Parse(unit);
        var frames = (int)(last - first + 1);
        var values = Enumerable.Range(0, frames).Select(i => (float)(first + i)).ToArray();
        var readings = new Readings
        {
            Asset = of.Asset.ToString(),
            Installation = (uint)of.Installation,
            FirstFrame = (ulong)first,
            Frames = (uint)frames,
            FirstTimeMs = Start.AddHours(first).ToUnixTimeMilliseconds(),
            IntervalMs = 3_600_000,
        };
        readings.Columns.AddRange(channels.Select(c => new Column { Channel = c, Unit = "1", Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) }));
        return Add(new() { Readings = { readings } });
    }

    public Fields Predictions(string unit, int version, params (long Frame, float Rul, float Lower, float Upper)[] said) => Predictions(unit, version, PredictionRole.Active, said);

    public Fields Predictions(string unit, int version, PredictionRole role, params (long Frame, float Rul, float Lower, float Upper)[] said)
    {
        var of = UnitRef.Parse(unit);
        var predictions = new Predictions { Asset = of.Asset.ToString(), Installation = (uint)of.Installation, Model = "pump-rul", Version = (uint)version, Role = role };
        predictions.Frames.AddRange(said.Select(s => (ulong)s.Frame));
        predictions.Outputs.Add(new OutputColumn { Name = "rul", Values = { said.Select(s => s.Rul) } });
        predictions.Outputs.Add(new OutputColumn { Name = "rul_lower", Values = { said.Select(s => s.Lower) } });
        predictions.Outputs.Add(new OutputColumn { Name = "rul_upper", Values = { said.Select(s => s.Upper) } });
        return Add(new() { Predictions = { predictions } });
    }

    public Fields Maintenance(string unit, MaintenanceKind kind, long frame)
    {
        var of = UnitRef.Parse(unit);
        var entry = new MaintenanceEvent { Id = $"e{_events.Count}", Asset = of.Asset.ToString(), Installation = of.Installation, Kind = kind, Frame = frame, At = Start.AddHours(frame) };
        _events.Add(new(_events.Count + 1, entry));
        return this;
    }

    public Task<FieldReplay> LoadAsync() => FieldReplay.LoadAsync(this, this, TestContext.Current.CancellationToken);

    public async Task<FieldUnit> UnitAsync(string unit) => (await LoadAsync()).Units.Single(u => u.Id == UnitRef.Parse(unit));

    private Fields Add(TelemetryBatch batch)
    {
        _batches.Add(new(_batches.Count + 1, DeviceId.Parse("edge-1"), batch.ToByteArray()));
        return this;
    }

    Task<IReadOnlyList<StoredBatch>> ITelemetryStore.ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredBatch>>([.. _batches.Where(b => b.Position > after).Take(Math.Min(limit, 2))]);

    Task<IReadOnlyList<RecordedMaintenance>> IMaintenanceLog.ReadAsync(long after, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedMaintenance>>([.. _events.Where(e => e.Position > after)]);

    public Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<long> AppendAsync(MaintenanceEvent entry, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<IReadOnlyList<RecordedMaintenance>> ListAsync(AssetId asset, CancellationToken cancellationToken) => throw new NotSupportedException();
}
