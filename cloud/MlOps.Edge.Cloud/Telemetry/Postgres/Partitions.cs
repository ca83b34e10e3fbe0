using System.Globalization;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>The parts of the table of batches, one for each month (UTC) in which the cloud stored any.</summary>
internal static class Partitions
{
    private const string Prefix = "telemetry_batch_";

    public static DateOnly MonthOf(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1);

    /// <summary>Makes a month's partition where it is missing; within the transaction of the one writer.</summary>
    public static void Make(SqlSession session, DateOnly month)
    {
        var name = NameOf(month);
        if (session.First("SELECT to_regclass($1) IS NOT NULL", row => row.GetBoolean(0), name))
        {
            return;
        }

        // To attach a table lets those who read go on; to create it in place would not.
        session.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            CREATE TABLE {name} (LIKE telemetry_batch INCLUDING STORAGE);
            ALTER TABLE telemetry_batch ATTACH PARTITION {name} FOR VALUES FROM ({StartOf(month)}) TO ({StartOf(month.AddMonths(1))});
            """));
    }

    /// <summary>The months before one of which no batch is left.</summary>
    public static List<DateOnly> Empty(SqlSession session, DateOnly before) =>
        [.. All(session).Where(month => month < before && IsEmpty(session, month))];

    /// <summary>Drops an empty month, unless readers are in its way.</summary>
    public static void DropIfEmpty(SqlSession session, DateOnly month)
    {
        // Ingest waits behind this one.
        session.Execute("SET LOCAL lock_timeout = '500ms'");
        if (IsEmpty(session, month))
        {
            session.Execute($"DROP TABLE {NameOf(month)}");
        }
    }

    private static bool IsEmpty(SqlSession session, DateOnly month) => session.First($"SELECT NOT EXISTS (SELECT 1 FROM {NameOf(month)})", row => row.GetBoolean(0));

    private static List<DateOnly> All(SqlSession session) => session.Query(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('telemetry_batch') ORDER BY 1",
        row => DateOnly.ParseExact(row.GetString(0)[Prefix.Length..], "yyyy_MM", CultureInfo.InvariantCulture));

    private static string NameOf(DateOnly month) => Prefix + month.ToString("yyyy_MM", CultureInfo.InvariantCulture);

    private static long StartOf(DateOnly month) => new DateTimeOffset(month, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
