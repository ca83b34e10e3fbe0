using System.Data.Common;
using System.Runtime.CompilerServices;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What is asked of stored batches, whatever database they are in.</summary>
internal sealed class TelemetryReads(ISqlDatabase database, ISchemaBook schemas)
{
    private const int UnitPage = 64;

    internal const string Batch = """
        SELECT b.position, s.device, b.payload, b.clock_trust, b.clock_offset FROM telemetry_batch b JOIN telemetry_stream s ON s.id = b.stream
        """;

    public static long Head(SqlSession session) => session.First(
        "SELECT max(position) FROM (SELECT max(position) AS position FROM telemetry_batch UNION ALL SELECT position FROM telemetry_total) AS known", row => row.GetInt64(0));

    /// <param name="keys">See <see cref="ITelemetryEngine.KeyTable"/>.</param>
    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, string keys, CancellationToken cancellationToken)
    {
        var name = device.ToString();
        return database.ReadAsync<IReadOnlyList<StreamExtent>>(session => [.. StreamExtents.Read(session, name, keys)], cancellationToken);
    }

    public async Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
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
        await database.ReadAsync(session => session.Query($"{Batch} WHERE b.position > $1 ORDER BY b.position LIMIT $2", ReadBatch, after, limit), cancellationToken);

    public async IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, ITelemetryEngine engine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asset = unit.Asset.ToString();
        var positions = await database.ReadAsync(
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
            foreach (var batch in await database.ReadAsync(
                session => session.Query($"{Batch} WHERE {engine.IsOneOf("b.position", "$1")} ORDER BY b.position", ReadBatch, engine.List(page)), cancellationToken))
            {
                yield return batch;
            }
        }
    }

    public async Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitEntry unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var (first, end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        return await database.ReadAsync(
            session => session.Query(
                $"{Batch} JOIN telemetry_block k ON k.position = b.position WHERE k.unit = $1 AND k.last_time BETWEEN $2 AND $3 AND k.first_time < $4 ORDER BY k.last_time, k.position",
                ReadBatch, unit.Id, first, end + unit.LongestMs, end),
            cancellationToken);
    }

    public async Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(long unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => RollupRows.Read(session, schemas, unit, interval, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()), cancellationToken);

    private StoredBatch ReadBatch(DbDataReader row) => new(row.GetInt64(0), DeviceId.Parse(row.GetString(1)), row.GetFieldValue<byte[]>(2), schemas)
    {
        Clock = new(TimeSpan.FromMilliseconds(row.GetInt64(4)), (ClockTrust)row.GetInt32(3)),
    };
}
