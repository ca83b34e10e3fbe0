using System.Security.Cryptography;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>Telemetry in PostgreSQL, for one cloud or for several on the same database.</summary>
internal sealed class PostgresTelemetryStore : ITelemetryStore, ITelemetryHistory, ISchemaBook, IDisposable
{
    private readonly PostgresDatabase _database;
    private readonly SchemaBook _schemas;
    private readonly TelemetryReads _reads;
    private readonly PostgresUnits _units;
    private readonly PostgresEngine _engine;
    private readonly AppendQueue _queue;

    public PostgresTelemetryStore(PostgresDatabase database, TimeProvider clock)
    {
        (_database, _schemas, _units) = (database, new(database), new(database));
        var append = new GroupAppend(database);
        _engine = new(database, _units, append, clock);
        _reads = new(_engine, _schemas);
        _queue = AppendQueue.Start(append);
    }

    public Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => _queue.AppendAsync(record, SHA256.HashData(record.Payload), cancellationToken);

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        var (name, hash) = (device.ToString(), SHA256.HashData(payload));
        return _database.WriteAsync(
            session =>
            {
                var buried = DeadLetterWrites.Bury(session, name, payload, hash, reason, receivedAt);
                session.Run("UPDATE telemetry_total SET dead_letters = dead_letters + $1", buried ? 1 : 0);
                return buried;
            },
            committed: null, cancellationToken);
    }

    public Schema? FindSchema(ReadOnlyMemory<byte> id) => _schemas.FindSchema(id);

    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken) => _reads.GetStreamsAsync(device, cancellationToken);

    public Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) => _reads.ListGapsAsync(device, limit, cancellationToken);

    public Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) => _reads.ReadAsync(after, limit, cancellationToken);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => _database.ReadAsync(TelemetryReads.Head, cancellationToken);

    public IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => _reads.ReadUnitAsync(unit, cancellationToken);

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitRef unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await _units.FindAsync(unit, cancellationToken) is { } entry ? await _reads.ReadSpanAsync(entry, from, to, cancellationToken) : [];

    public async Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(
        UnitRef unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await _units.FindAsync(unit, cancellationToken) is { } entry ? await _reads.ReadRollupsAsync(entry.Id, interval, from, to, cancellationToken) : [];

    public async Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) =>
        UnitEntry.ToExtents(await _database.ReadAsync(PostgresUnits.All, cancellationToken));

    public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => _database.ReadAsync(
        session => session.First(
            "SELECT batches, readings, bytes, duplicates, dead_letters FROM telemetry_total",
            row => new TelemetryTotals(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)))
            ?? throw new StoreException($"The database of PostgreSQL at {_database.Place} has no telemetry totals; restore it from a backup."),
        cancellationToken);

    public ITelemetryUpkeep CreateUpkeep() => new TelemetryUpkeep(_engine, this, this);

    public void Dispose() => _queue.Dispose();
}
