using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

internal sealed class SqliteTelemetryStore : ITelemetryStore, ITelemetryHistory, ISchemaBook, IDisposable
{
    private const int UnitPage = 64;

    private readonly SqliteDatabase _database;
    private readonly SqliteSchemaBook _schemas;
    private readonly Lazy<TelemetryWriter> _writer;

    public SqliteTelemetryStore(SqliteDatabase database)
    {
        (_database, _schemas) = (database, new(database));
        _writer = new(() => TelemetryWriter.Open(database, _schemas));
    }

    /// <summary>For upkeep.</summary>
    internal TelemetryWriter Writer => _writer.Value;

    // Beside a cloud that runs, what it knew a moment ago is old.
    private UnitLedger Ledger => _database.IsReadOnly ? TelemetryWriter.Open(_database, _schemas).Ledger : _writer.Value.Ledger;

    public async Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => (await AppendAsync([record], cancellationToken))[0];

    public Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<TelemetryRecord> records, CancellationToken cancellationToken) =>
        _writer.Value.AppendAsync(records, cancellationToken);

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) =>
        _writer.Value.RejectAsync(device, payload, reason, receivedAt, cancellationToken);

    public Schema? FindSchema(ReadOnlyMemory<byte> id) => _schemas.FindSchema(id);

    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken)
    {
        var name = device.ToString();
        return _database.ReadAsync<IReadOnlyList<StreamExtent>>(session => [.. StreamExtents.Read(session, name)], cancellationToken);
    }

    public async Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            session => session.Query(
                """
                SELECT s.device, s.epoch, g.content, g.received_at FROM telemetry_gap g JOIN telemetry_stream s ON s.id = g.stream
                WHERE $1 IS NULL OR s.device = $1 ORDER BY g.id DESC LIMIT $2
                """,
                row => new StoredGap(
                    DeviceId.Parse(row.GetString(0)), row.GetFieldValue<byte[]>(1), Gap.Parser.ParseFrom(row.GetFieldValue<byte[]>(2)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))),
                device?.ToString(), limit),
            cancellationToken);

    public async Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            session => session.Query($"{Batch} WHERE b.position > $1 ORDER BY b.position LIMIT $2", ReadBatch, after, limit),
            cancellationToken);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) => _database.ReadAsync(Head, cancellationToken);

    public async IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asset = unit.Asset.ToString();
        var positions = await _database.ReadAsync(
            session => session.Query(
                """
                SELECT b.position FROM telemetry_unit u JOIN telemetry_block b ON b.unit = u.id WHERE u.asset = $1 AND u.installation = $2
                UNION SELECT m.position FROM telemetry_unit u JOIN telemetry_mention m ON m.unit = u.id WHERE u.asset = $1 AND u.installation = $2
                ORDER BY 1
                """,
                row => row.GetInt64(0), asset, unit.Installation),
            cancellationToken);
        foreach (var page in positions.Chunk(UnitPage))
        {
            foreach (var batch in await ReadAllAsync(page, cancellationToken))
            {
                yield return batch;
            }
        }
    }

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitRef unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (Ledger.Find(unit) is not { } entry)
        {
            return [];
        }

        var (first, end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        return await _database.ReadAsync(
            session => session.Query(
                $"{Batch} JOIN telemetry_block k ON k.position = b.position WHERE k.unit = $1 AND k.last_time BETWEEN $2 AND $3 AND k.first_time < $4 ORDER BY k.last_time, k.position",
                ReadBatch, entry.Id, first, end + entry.LongestMs, end),
            cancellationToken);
    }

    public async Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(
        UnitRef unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Ledger.Find(unit) is { } entry
            ? await _database.ReadAsync(session => RollupRows.Read(session, _schemas, entry.Id, interval, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()), cancellationToken)
            : [];

    public Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) => Task.FromResult(Ledger.List());

    public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => Task.FromResult(Ledger.Totals);

    public void Dispose()
    {
        if (_writer.IsValueCreated)
        {
            _writer.Value.Dispose();
        }
    }

    internal const string Batch = """
        SELECT b.position, s.device, b.payload, b.clock_trust, b.clock_offset FROM telemetry_batch b JOIN telemetry_stream s ON s.id = b.stream
        """;

    internal static long Head(SqliteSession session) => session.First(
        "SELECT max((SELECT coalesce(max(position), 0) FROM telemetry_batch), (SELECT position FROM telemetry_total))", row => row.GetInt64(0));

    private Task<List<StoredBatch>> ReadAllAsync(long[] positions, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => positions.Select(position => session.First($"{Batch} WHERE b.position = $1", ReadBatch, position)).OfType<StoredBatch>().ToList(), cancellationToken);

    private StoredBatch ReadBatch(SqliteDataReader row) => new(row.GetInt64(0), DeviceId.Parse(row.GetString(1)), row.GetFieldValue<byte[]>(2), _schemas)
    {
        Clock = new(TimeSpan.FromMilliseconds(row.GetInt64(4)), (ClockTrust)row.GetInt32(3)),
    };
}
