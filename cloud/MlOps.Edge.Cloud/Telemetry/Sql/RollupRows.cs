using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>The rollups' table: a row for each chunk of intervals of a unit and a schema.</summary>
internal static class RollupRows
{
    public static List<RollupChunk> Read(SqlSession session, ISchemaBook schemas, long unit, RollupInterval interval, long fromMs, long toMs) =>
        [.. session.Query(
            "SELECT schema, content FROM telemetry_rollup WHERE unit = $1 AND interval = $2 AND start BETWEEN $3 AND $4 ORDER BY start, schema",
            row => (Schema: row.GetFieldValue<byte[]>(0), Content: row.GetFieldValue<byte[]>(1)),
            unit, (int)interval, RollupTime.ChunkOf(interval, fromMs), toMs - 1)
            .Select(row => new RollupChunk(
                schemas.FindSchema(row.Schema) ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(row.Schema)} of a rollup; restore it from a backup."),
                Summary.Parser.ParseFrom(row.Content)))];
}
