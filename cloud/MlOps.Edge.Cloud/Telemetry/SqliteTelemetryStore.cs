using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

internal sealed class SqliteTelemetryStore(SqliteDatabase database) : ITelemetryStore
{
    private const int UnitPage = 64;

    public Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken)
    {
        var hash = SHA256.HashData(record.Payload);
        return database.WriteAsync(session => TelemetryWrites.Append(session, record, hash), cancellationToken);
    }

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        var (name, hash) = (device.ToString(), SHA256.HashData(payload));
        return database.WriteAsync(
            session =>
            {
                TelemetryWrites.Bury(session, name, payload, hash, reason, receivedAt);
                return true;
            },
            cancellationToken);
    }

    public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken)
    {
        var name = device.ToString();
        return database.ReadAsync<IReadOnlyList<StreamExtent>>(
            session =>
            [
                .. session
                    .Query(
                        "SELECT stream, first, last FROM telemetry_range WHERE device = $1 ORDER BY stream, first",
                        row => (Stream: row.GetFieldValue<byte[]>(0), First: row.GetInt64(1), Last: row.GetInt64(2)),
                        name)
                    .GroupBy(range => Convert.ToHexString(range.Stream))
                    .Select(stream => new StreamExtent(stream.First().Stream, [.. stream.Select(range => (range.First, range.Last))])),
            ],
            cancellationToken);
    }

    public async Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session.Query("SELECT position, device, payload FROM telemetry_batch WHERE position > $1 ORDER BY position LIMIT $2", ReadBatch, after, limit),
            cancellationToken);

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.First("SELECT coalesce(max(position), 0) FROM telemetry_batch", row => row.GetInt64(0)), cancellationToken);

    public async IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asset = unit.Asset.ToString();
        for (var after = 0L; ;)
        {
            var from = after;
            var page = await database.ReadAsync(
                session => session.Query(
                    """
                    SELECT b.position, b.device, b.payload FROM telemetry_unit_batch u JOIN telemetry_batch b ON b.position = u.position
                    WHERE u.asset = $1 AND u.installation = $2 AND u.position > $3 ORDER BY u.position LIMIT $4
                    """,
                    ReadBatch, asset, unit.Installation, from, UnitPage),
                cancellationToken);
            foreach (var batch in page)
            {
                yield return batch;
                after = batch.Position;
            }

            if (page.Count < UnitPage)
            {
                yield break;
            }
        }
    }

    public async Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session.Query(
                "SELECT asset, installation, machine_kind, device, first_frame, last_frame, last_time FROM telemetry_unit ORDER BY asset, installation",
                row => new UnitExtent(
                    new UnitRef(AssetId.Parse(row.GetString(0)), row.GetInt32(1)), row.GetString(2), DeviceId.Parse(row.GetString(3)),
                    row.GetInt64(4), row.GetInt64(5), new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero))),
            cancellationToken);

    public async Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken)
    {
        var totals = await database.ReadAsync(
            session => session.First(
                "SELECT batches, readings, bytes, duplicates, dead_letters FROM telemetry_total",
                row => new TelemetryTotals(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4))),
            cancellationToken);
        return totals ?? throw new StoreException("The database has no telemetry totals; restore it from a backup.");
    }

    private static StoredBatch ReadBatch(SqliteDataReader row) => new(row.GetInt64(0), DeviceId.Parse(row.GetString(1)), row.GetFieldValue<byte[]>(2));
}
