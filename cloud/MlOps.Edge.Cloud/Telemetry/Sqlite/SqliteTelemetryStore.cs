using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Postgres;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

internal sealed class SqliteTelemetryStore : ITelemetryStore, ITelemetryHistory, ISchemaBook, IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SchemaBook _schemas;
    private readonly TelemetryReads _reads;
    private readonly Lazy<TelemetryWriter> _writer;

    public SqliteTelemetryStore(SqliteDatabase database)
    {
        TelemetryHome.RequireFile(database);
        (_database, _schemas) = (database, new(database));
        _writer = new(() => TelemetryWriter.Open(database, _schemas));
        Engine = new SqliteEngine(database, this);
        _reads = new(Engine, _schemas);
    }

    internal SqliteEngine Engine { get; }

    internal TelemetryWriter Writer => _writer.Value;

    // Beside a cloud that runs, what it knew a moment ago is old.
    internal UnitLedger Ledger => _database.IsReadOnly ? TelemetryWriter.Open(_database, _schemas).Ledger : _writer.Value.Ledger;

    public async Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => (await AppendAsync([record], cancellationToken))[0];

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<TelemetryRecord> records, CancellationToken cancellationToken) =>
        _writer.Value.AppendAsync(records, cancellationToken);

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) =>
        _writer.Value.RejectAsync(device, payload, reason, receivedAt, cancellationToken);

    public Schema? FindSchema(ReadOnlyMemory<byte> id) => _schemas.FindSchema(id);

    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken) => _reads.GetStreamsAsync(device, cancellationToken);

    public Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) => _reads.ListGapsAsync(device, limit, cancellationToken);

    public Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) => _reads.ReadAsync(after, limit, cancellationToken);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => _database.ReadAsync(TelemetryReads.Head, cancellationToken);

    public IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => _reads.ReadUnitAsync(unit, cancellationToken);

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitRef unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Ledger.Find(unit) is { } entry ? await _reads.ReadSpanAsync(entry, from, to, cancellationToken) : [];

    public async Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(
        UnitRef unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Ledger.IdOf(unit) is { } id ? await _reads.ReadRollupsAsync(id, interval, from, to, cancellationToken) : [];

    public Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) => Task.FromResult(Ledger.List());

    public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => Task.FromResult(Ledger.Totals);

    public ITelemetryUpkeep CreateUpkeep() => new TelemetryUpkeep(Engine, this, this);

    public void Dispose()
    {
        if (_writer.IsValueCreated)
        {
            _writer.Value.Dispose();
        }
    }
}
