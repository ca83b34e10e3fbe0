using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Queries;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

/// <summary>Queries over a real store, with a fleet and rollups that the test writes down.</summary>
internal sealed class QueryRoom : IDisposable
{
    private readonly TemporaryStores _stores;
    private readonly Dictionary<string, ulong> _sequences = [];

    public QueryRoom(StoreKind kind)
    {
        _stores = new(kind);
        History = new(_stores.Get<ITelemetryHistory>());
        Selection = new UnitSelection(Store, selector => Task.FromResult(Fleet.Where(d => selector.Group is null || d.Group == selector.Group).ToArray()));
        Queries = new(Selection, new(History, _stores.Get<ISchemaBook>(), Clock), new(Store, History), History);
        Feed = new(Store, Selection, Queries, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(Batches.Start.AddDays(1));

    public List<DeviceSummary> Fleet { get; } = [];

    public UnitSelection Selection { get; }

    public HistoryWithRollups History { get; }

    public TelemetryQueries Queries { get; }

    public LiveFeed Feed { get; }

    public ITelemetryStore Store => _stores.Get<ITelemetryStore>();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public Task StoreAsync(params Readings[] readings) => StoreFromAsync("edge-01", readings);

    public Task StoreFromAsync(string device, params Readings[] readings) => SendAsync(device, batch => batch.Readings.Add(readings));

    public async Task SendAsync(string device, Action<TelemetryBatch> fill, ClockCorrection? clock = null)
    {
        var batch = Batches.Of(device, _sequences[device] = _sequences.GetValueOrDefault(device) + 1);
        fill(batch);
        var record = BatchCheck.Check(DeviceId.Parse(device), batch.ToByteArray(), Batches.Start);
        Assert.Equal(AppendOutcome.Stored, await Store.AppendAsync(clock is { } off ? record.Under(off) : record, Cancelled));
    }

    /// <summary>Frames a second apart; frame 0 is at <see cref="Batches.Start"/>.</summary>
    public static Readings Seconds(string asset, ulong firstFrame, params (string Channel, float[] Values)[] columns)
    {
        var readings = Batches.Readings(asset, 1, firstFrame, columns);
        (readings.IntervalMs, readings.FirstTimeMs) = (1000, Batches.Start.AddSeconds(firstFrame).ToUnixTimeMilliseconds());
        return readings;
    }

    public Task<RangePlan> PlanAsync(RangeQuery query) => Queries.PlanAsync(query, Cancelled);

    public async Task<List<TelemetryPage>> ReadAsync(RangeQuery query) => await Queries.ReadAsync(await PlanAsync(query), Cancelled).ToListAsync(Cancelled);

    public void Dispose()
    {
        Feed.DisposeAsync().AsTask().Wait(Cancelled);
        _stores.Dispose();
    }
}

/// <summary>The real readings, and rollups as they were written down; it notes how much was asked for at once.</summary>
internal sealed class HistoryWithRollups(ITelemetryHistory real) : ITelemetryHistory
{
    public List<(UnitRef Unit, RollupInterval Interval, RollupChunk Chunk)> Rollups { get; } = [];

    public int MostBatches { get; private set; }

    public int Reads { get; private set; }

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitRef unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var batches = await real.ReadSpanAsync(unit, from, to, cancellationToken);
        (MostBatches, Reads) = (Math.Max(MostBatches, batches.Count), Reads + 1);
        return batches;
    }

    public Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(UnitRef unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (first, end) = (RollupTime.ChunkOf(interval, from.ToUnixTimeMilliseconds()), to.ToUnixTimeMilliseconds());
        return Task.FromResult<IReadOnlyList<RollupChunk>>(
            [.. Rollups.Where(r => r.Unit == unit && r.Interval == interval && r.Chunk.Rows.FirstTimeMs >= first && r.Chunk.Rows.FirstTimeMs < end).Select(r => r.Chunk)]);
    }

    public Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) => real.ListGapsAsync(device, limit, cancellationToken);
}
