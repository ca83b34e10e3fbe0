using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Events;

internal sealed class SqliteEventLog(SqliteDatabase database) : IEventLog
{
    public Task AppendAsync(string id, DateTimeOffset at, string subject, string kind, JsonObject data, CancellationToken cancellationToken)
    {
        var (ticks, json) = (at.UtcTicks, data.ToJsonString());
        return database.WriteAsync(
            session => session.Execute(
                "INSERT INTO event (id, at, subject, kind, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING", id, ticks, subject, kind, json),
            cancellationToken);
    }

    public async Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after, string? subject, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => subject is null
                ? session.Query("SELECT position, id, at, subject, kind, data FROM event WHERE position > $1 ORDER BY position LIMIT $2", Read, after, limit)
                : session.Query("SELECT position, id, at, subject, kind, data FROM event WHERE subject = $3 AND position > $1 ORDER BY position LIMIT $2", Read, after, limit, subject),
            cancellationToken);

    private static LoggedEvent Read(System.Data.Common.DbDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero), row.GetString(3), row.GetString(4), row.GetString(5));
}
