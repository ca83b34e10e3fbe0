using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>
/// Makes large blocks of readings of small ones. A merged block takes the place of its last part; batches of which nothing is left go, and
/// their sequences stay known. Predictions, sketches and gaps stay where they are.
/// </summary>
internal sealed class BlockCompaction(SqliteDatabase database, ISchemaBook schemas, TelemetryWriter writer)
{
    // What is decoded at a time, and what a transaction holds up.
    private const int PartsAtOnce = 1024;

    private readonly ColumnEncoder _encoder = new();

    /// <summary>Compacts what was stored behind one position and up to another.</summary>
    /// <param name="after">Excluded.</param>
    /// <param name="through">Included; at most what the ledger has saved.</param>
    /// <returns>Blocks that were made.</returns>
    public async Task<int> RunAsync(long after, long through, CancellationToken cancellationToken)
    {
        var made = 0;
        foreach (var unit in writer.Ledger.Entries)
        {
            var positions = await database.ReadAsync(
                session => session.Query(
                    "SELECT DISTINCT position FROM telemetry_block WHERE unit = $1 AND position > $2 AND position <= $3 ORDER BY last_time", row => row.GetInt64(0), unit.Id, after, through),
                cancellationToken);
            foreach (var some in positions.Chunk(PartsAtOnce).Where(some => some.Length > 1))
            {
                made += await CompactAsync(unit, some, cancellationToken);
            }
        }

        return made;
    }

    private async Task<int> CompactAsync(UnitEntry unit, long[] positions, CancellationToken cancellationToken)
    {
        var parts = await database.ReadAsync(
            session => positions.Select(position => BatchRow.Find(session, position)).OfType<BatchRow>()
                .SelectMany(row => row.Batch.Readings.Where(r => IsOf(r, unit.Unit)).Select(r => new BlockPart(row.Position, row.Clock, r))).ToList(),
            cancellationToken);
        var made = 0;
        foreach (var group in BlockMerge.Groups(parts))
        {
            var merged = BlockMerge.Merge(group, SchemaOf(group[0].Readings), _encoder);
            var stretch = await database.WriteAsync(session => Replace(session, unit.Id, group, merged), writer.AfterCompaction(unit), cancellationToken);
            made += stretch is null ? 0 : 1;
        }

        return made;
    }

    // Null: what was read is not there any more as it was.
    private static long? Replace(SqliteSession session, long unit, IReadOnlyList<BlockPart> group, Readings merged)
    {
        var rows = group.Select(p => p.Position).Distinct().Select(position => BatchRow.Find(session, position)).OfType<BatchRow>().ToDictionary(row => row.Position);
        if (group.Any(part => !rows.TryGetValue(part.Position, out var row) || !row.Batch.Readings.Contains(part.Readings)))
        {
            return null;
        }

        var target = rows[group.Max(p => p.Position)];
        foreach (var part in group)
        {
            var row = rows[part.Position];
            row.Batch.Readings.Remove(part.Readings);
            session.Execute("DELETE FROM telemetry_block WHERE unit = $1 AND last_time = $2 AND position = $3", unit, row.LastTimeOf(part.Readings), row.Position);
        }

        target.Batch.Readings.Add(merged);
        var (first, last) = (target.FirstTimeOf(merged), target.LastTimeOf(merged));
        session.Execute("INSERT INTO telemetry_block (unit, last_time, position, first_time) VALUES ($1, $2, $3, $4)", unit, last, target.Position, first);
        session.Execute("UPDATE telemetry_unit SET longest = max(longest, $2) WHERE id = $1", unit, last - first);
        foreach (var row in rows.Values)
        {
            Update(session, unit, row);
        }

        SequenceFold.Add(session, rows.Values.Where(row => row.IsEmpty).Select(row => (row.Stream, row.Sequence)));
        return last - first;
    }

    private static void Update(SqliteSession session, long unit, BatchRow row)
    {
        if (row.IsEmpty)
        {
            session.Execute("DELETE FROM telemetry_batch WHERE position = $1", row.Position);
            session.Execute("DELETE FROM telemetry_mention WHERE unit = $1 AND position = $2", unit, row.Position);
            return;
        }

        session.Execute("UPDATE telemetry_batch SET payload = $2 WHERE position = $1", row.Position, row.Batch.ToByteArray());
        session.Execute("INSERT INTO telemetry_mention (unit, position) VALUES ($1, $2) ON CONFLICT DO NOTHING", unit, row.Position);
    }

    private Schema SchemaOf(Readings readings) => readings.Schema.IsEmpty
        ? ReadingColumns.Of(new(), readings).Schema
        : schemas.FindSchema(readings.Schema.Memory) ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(readings.Schema.Span)}; restore it from a backup.");

    private static bool IsOf(Readings readings, UnitRef unit) => readings.Installation == (uint)unit.Installation && readings.Asset == unit.Asset.ToString();
}
