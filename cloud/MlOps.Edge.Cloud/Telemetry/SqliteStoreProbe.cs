using System.Globalization;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Says the schema's version again: it dirties the first page, so that a transaction goes all the way to the disk.</summary>
internal sealed class SqliteStoreProbe(SqliteDatabase database) : IStoreProbe
{
    private static readonly string Statement = string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SqliteSchema.Version}");

    public Task WriteAsync(CancellationToken cancellationToken) => database.WriteAsync(session => session.Execute(Statement), cancellationToken);
}
