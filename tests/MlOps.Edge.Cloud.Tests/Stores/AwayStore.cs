using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>A telemetry store that fails while the test says so, as one on another machine does.</summary>
internal sealed class AwayStore(ITelemetryStore store) : ITelemetryStore
{
    public const string Reason = "PostgreSQL at db.example:5432/mlops cannot be reached (Connection refused)";

    public bool Away { get; set; } = true;

    public Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => Here().AppendAsync(record, cancellationToken);

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) =>
        Here().RejectAsync(device, payload, reason, receivedAt, cancellationToken);

    // Calls come in while it is asked.
    public async Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return await Here().GetStreamsAsync(device, cancellationToken);
    }

    public Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) => Here().ReadAsync(after, limit, cancellationToken);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => Here().GetHeadAsync(cancellationToken);

    public IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => Here().ReadUnitAsync(unit, cancellationToken);

    public Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) => Here().ListUnitsAsync(cancellationToken);

    public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => Here().CountAsync(cancellationToken);

    private ITelemetryStore Here() => Away ? throw new StoreException(Reason) : store;
}
