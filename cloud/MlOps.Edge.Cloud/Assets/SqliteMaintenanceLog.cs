using System.Data.Common;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

internal sealed class SqliteMaintenanceLog(SqliteDatabase database) : IMaintenanceLog
{
    private const string Columns = "position, id, asset, installation, kind, frame, at, note, recorded_by";

    public async Task<long> AppendAsync(MaintenanceEvent entry, CancellationToken cancellationToken)
    {
        MaintenanceRules.Check(entry);

        // The answer is a value, not an exception, so that a refused event costs its neighbours in the transaction nothing.
        var (position, refusal) = await database.WriteAsync(session => Append(session, entry), cancellationToken);
        return refusal is null ? position : throw new InvalidMaintenanceEventException(refusal);
    }

    public async Task<IReadOnlyList<RecordedMaintenance>> ReadAsync(long after, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.Query($"SELECT {Columns} FROM maintenance WHERE position > $1 ORDER BY position", Read, after), cancellationToken);

    public async Task<IReadOnlyList<RecordedMaintenance>> ListAsync(AssetId asset, CancellationToken cancellationToken)
    {
        var name = asset.ToString();
        return await database.ReadAsync(session => session.Query($"SELECT {Columns} FROM maintenance WHERE asset = $1 ORDER BY position", Read, name), cancellationToken);
    }

    public Task<long> GetHeadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.First("SELECT coalesce(max(position), 0) FROM maintenance", row => row.GetInt64(0)), cancellationToken);

    private static (long Position, string? Refusal) Append(SqliteSession session, MaintenanceEvent entry)
    {
        if (session.First($"SELECT {Columns} FROM maintenance WHERE id = $1", Read, entry.Id) is { } same)
        {
            return same.Event == entry ? (same.Position, null) : (0, $"The event id '{entry.Id}' is taken by another event; give this one an id of its own.");
        }

        var unit = session.Query(
            $"SELECT {Columns} FROM maintenance WHERE asset = $1 AND installation = $2 ORDER BY position", Read, entry.Asset, entry.Installation);
        if (MaintenanceRules.Refusal(entry, unit) is { } refusal)
        {
            return (0, refusal);
        }

        var position = session.First(
            "INSERT INTO maintenance (id, asset, installation, kind, frame, at, note, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING position",
            row => row.GetInt64(0),
            entry.Id, entry.Asset, entry.Installation, (int)entry.Kind, entry.Frame, entry.At.UtcTicks, entry.Note, entry.RecordedBy);
        return (position, null);
    }

    private static RecordedMaintenance Read(DbDataReader row) => new(row.GetInt64(0), new MaintenanceEvent
    {
        Id = row.GetString(1),
        Asset = row.GetString(2),
        Installation = row.GetInt32(3),
        Kind = (MaintenanceKind)row.GetInt32(4),
        Frame = row.GetInt64(5),
        At = new DateTimeOffset(row.GetInt64(6), TimeSpan.Zero),
        Note = row.IsDBNull(7) ? null : row.GetString(7),
        RecordedBy = row.IsDBNull(8) ? null : row.GetString(8),
    });
}
