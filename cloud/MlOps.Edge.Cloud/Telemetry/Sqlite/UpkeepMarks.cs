using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>How far each sort of upkeep has come, as positions of batches.</summary>
internal static class UpkeepMarks
{
    public const string Rollups = "rollups";

    public static long Get(SqliteSession session, string name) => session.First("SELECT position FROM telemetry_mark WHERE name = $1", row => row.GetInt64(0), name);

    public static long Set(SqliteSession session, string name, long position)
    {
        session.Execute("INSERT INTO telemetry_mark (name, position) VALUES ($1, $2) ON CONFLICT DO UPDATE SET position = excluded.position", name, position);
        return position;
    }
}
