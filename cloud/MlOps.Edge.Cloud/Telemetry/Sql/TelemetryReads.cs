using System.Data.Common;
using System.Runtime.CompilerServices;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What is asked of stored batches, whatever database they are in.</summary>
internal sealed class TelemetryReads(ITelemetryEngine engine, ISchemaBook schemas)
{
    private const int UnitPage = 64;

    private readonly ISqlDatabase _database = engine.Database;
    private readonly string _batches = Batches(engine.CountColumn);

    /// <summary>Rows as <see cref="ReadBatches"/> takes them.</summary>
    /// <param name="count">See <see cref="ITelemetryEngine.CountColumn"/>.</param>
    public static string Batches(string count) =>
        $"SELECT b.position, s.device, b.payload, b.clock_trust, b.clock_offset, {count} FROM telemetry_batch b JOIN telemetry_stream s ON s.id = b.stream";

    /// <returns>The batches of a row, each at its own position.</returns>
    public static IEnumerable<StoredBatch> ReadBatches(DbDataReader row, ISchemaBook schemas)
    {
        var (device, count) = (DeviceId.Parse(row.GetString(1)), row.GetInt32(5));
        var (first, clock) = (row.GetInt64(0) - count + 1, new ClockCorrection(TimeSpan.FromMilliseconds(row.GetInt64(4)), (ClockTrust)row.GetInt32(3)));
        return RowPayload.Split(row.GetFieldValue<byte[]>(2), count).Select((payload, i) => new StoredBatch(first + i, device, payload, schemas) { Clock = clock });
    }

    public static long Head(SqlSession session) => session.First(
        "SELECT max(position) FROM (SELECT max(position) AS position FROM telemetry_batch UNION ALL SELECT position FROM telemetry_total) AS known", row => row.GetInt64(0));

    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken)
    {
        var name = device.ToString();
        return _database.ReadAsync<IReadOnlyList<StreamExtent>>(session => [.. StreamExtents.Read(session, name, engine.Sequences)], cancellationToken);
    }

    public async Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            session => session.Query(
                """
                SELECT s.device, s.epoch, g.content, g.received_at FROM telemetry_gap g JOIN telemetry_stream s ON s.id = g.stream
                WHERE s.device = coalesce($1, s.device) ORDER BY g.id DESC LIMIT $2
                """,
                row => new StoredGap(
                    DeviceId.Parse(row.GetString(0)), row.GetFieldValue<byte[]>(1), Gap.Parser.ParseFrom(row.GetFieldValue<byte[]>(2)),
                    DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))),
                device?.ToString(), limit),
            cancellationToken);

    public async Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        await _database.ReadAsync(
            session => session.Each($"{_batches} WHERE b.position > $1 ORDER BY b.position LIMIT $2", ReadBatches, after, limit)
                .SelectMany(row => row).Where(batch => batch.Position > after).Take(limit).ToList(),
            cancellationToken);

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
            foreach (var batch in await _database.ReadAsync(
                session => session.Query($"{_batches} WHERE {engine.IsOneOf("b.position", "$1")} ORDER BY b.position", ReadBatches, engine.List(page)).SelectMany(row => row).ToList(), cancellationToken))
            {
                yield return batch;
            }
        }
    }

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitEntry unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (first, end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        return await _database.ReadAsync(
            session => session.Query(
                $"{_batches} JOIN telemetry_block k ON k.position = b.position WHERE k.unit = $1 AND k.last_time BETWEEN $2 AND $3 AND k.first_time < $4 ORDER BY k.last_time, k.position",
                ReadBatches, unit.Id, first, end + unit.LongestMs, end).SelectMany(row => row).ToList(),
            cancellationToken);
    }

    public async Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(long unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await _database.ReadAsync(session => RollupRows.Read(session, schemas, unit, interval, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()), cancellationToken);

    private IEnumerable<StoredBatch> ReadBatches(DbDataReader row) => ReadBatches(row, schemas);
}
