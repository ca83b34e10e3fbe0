using System.Data.Common;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

internal sealed class DeadLetters(ISqlDatabase database) : IDeadLetters
{
    private const string Columns = "id, device, received_at, reason, length(payload)";

    public async Task<IReadOnlyList<DeadLetter>> ListAsync(DeviceId? device, long? before, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => device is { } one
                ? session.Query($"SELECT {Columns} FROM telemetry_dead_letter WHERE device = $3 AND id < $1 ORDER BY id DESC LIMIT $2", Read, before ?? long.MaxValue, limit, one.ToString())
                : session.Query($"SELECT {Columns} FROM telemetry_dead_letter WHERE id < $1 ORDER BY id DESC LIMIT $2", Read, before ?? long.MaxValue, limit),
            cancellationToken);

    public async Task<(DeadLetter Letter, byte[] Payload)?> FindAsync(long id, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session.Query($"SELECT {Columns}, payload FROM telemetry_dead_letter WHERE id = $1", row => (Read(row), row.GetFieldValue<byte[]>(5)), id),
            cancellationToken) is [var found] ? found : null;

    private static DeadLetter Read(DbDataReader row) =>
        new(row.GetInt64(0), DeviceId.Parse(row.GetString(1)), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero), row.GetString(3), row.GetInt64(4));
}
