using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>
/// <c>cloud.db</c> remembers that its telemetry is in PostgreSQL, and where. Bookmarks in it are positions there: another store must not be taken for
/// this one, and another database begins beyond them.
/// </summary>
internal static class TelemetryHome
{
    private const string Origin = "postgres-origin";
    private const string Position = "postgres-position";

    /// <exception cref="StoreException">The file has telemetry of its own.</exception>
    public static void Settle(SqliteDatabase file, PostgresDatabase database)
    {
        var (own, known, bookmark) = file.ReadNow(session => (TelemetryReads.Head(session), UpkeepMarks.Get(session, Origin), UpkeepMarks.Get(session, Position)));
        if (own > 0)
        {
            throw new StoreException($"The telemetry of '{file.Path}' is in that file, and is not brought to PostgreSQL; set Telemetry:Store to sqlite, or choose another data folder.");
        }

        var (origin, position) = database.Transact((session, head) =>
        {
            var now = Number(session.First("SELECT origin FROM telemetry_total", row => row.GetString(0))!);
            return (now, known is 0 || known == now ? head : PostgresSchema.Advance(session, Math.Max(head, bookmark)));
        });
        file.WriteAsync(session => UpkeepMarks.Set(session, Origin, origin) + UpkeepMarks.Set(session, Position, position), CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <exception cref="StoreException">The telemetry is elsewhere.</exception>
    public static void RequireFile(SqliteDatabase file)
    {
        if (!file.IsReadOnly && file.ReadNow(session => UpkeepMarks.Get(session, Origin)) != 0)
        {
            throw new StoreException($"The telemetry of '{file.Path}' is in PostgreSQL; set Telemetry:Store to postgres and {PostgresErrors.Setting}, or choose another data folder.");
        }
    }

    private static long Number(string origin) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
}
