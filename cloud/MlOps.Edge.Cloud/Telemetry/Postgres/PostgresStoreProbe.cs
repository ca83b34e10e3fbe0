using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>Says the totals again: a row is written, so that the commit goes all the way to the disk.</summary>
internal sealed class PostgresStoreProbe(PostgresDatabase database) : IStoreProbe
{
    public Task WriteAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Execute("UPDATE telemetry_total SET held = held"), committed: null, cancellationToken);
}
