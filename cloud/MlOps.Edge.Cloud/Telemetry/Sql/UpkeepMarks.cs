using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>How far each sort of upkeep has come, as positions of batches.</summary>
internal static class UpkeepMarks
{
    public const string Rollups = "rollups";

    public static long Get(SqlSession session, string name) => session.First("SELECT position FROM telemetry_mark WHERE name = $1", row => row.GetInt64(0), name);

    public static long Set(SqlSession session, string name, long position)
    {
        session.Execute("INSERT INTO telemetry_mark (name, position) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position", name, position);
        return position;
    }
}
