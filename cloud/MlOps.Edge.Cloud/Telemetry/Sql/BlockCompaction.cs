using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>
/// Makes large blocks of readings of small ones. A merged block takes the place of its last part; batches of which nothing is left go, and
/// their sequences stay known. Predictions, sketches and gaps stay where they are.
/// </summary>
internal sealed class BlockCompaction(ITelemetryEngine engine, ISchemaBook schemas)
{
    // What is decoded at a time, and what a transaction holds up.
    private const int PartsAtOnce = 1024;

    private readonly ISqlDatabase _database = engine.Database;
    private readonly ColumnEncoder _encoder = new();

    /// <summary>Compacts what was stored behind one position and up to another.</summary>
    /// <param name="after">Excluded.</param>
    /// <param name="through">Included; at most what the ledger has saved.</param>
    /// <returns>Blocks that were made.</returns>
    public async Task<int> RunAsync(long after, long through, CancellationToken cancellationToken)
    {
        var made = 0;
        foreach (var unit in engine.Units.Entries)
        {
            var positions = await _database.ReadAsync(
                session => session.Query(
                    "SELECT position FROM telemetry_block WHERE unit = $1 AND position > $2 AND position <= $3 GROUP BY position ORDER BY min(last_time)", row => row.GetInt64(0), unit.Id, after, through),
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
        var parts = await _database.ReadAsync(
            session => BatchRow.FindAll(session, engine, positions)
                .SelectMany(row => row.Batch.Readings.Where(r => IsOf(r, unit.Unit)).Select(r => new BlockPart(row.Position, row.Clock, r))).ToList(),
            cancellationToken);
        var made = 0;
        foreach (var group in BlockMerge.Groups(parts))
        {
            var merged = BlockMerge.Merge(group, SchemaOf(group[0].Readings), _encoder);
            var stretch = await _database.WriteAsync(session => Replace(session, unit.Id, group, merged), stretch => Note(unit, stretch), cancellationToken);
            made += stretch is null ? 0 : 1;
        }

        return made;
    }

    private void Note(UnitEntry unit, long? stretch)
    {
        engine.ForgetStreams();
        engine.NoteLength(unit, stretch ?? 0);
    }

    // Null: what was read is not there any more as it was.
    private long? Replace(SqlSession session, long unit, IReadOnlyList<BlockPart> group, Readings merged)
    {
        var rows = BatchRow.FindAll(session, engine, [.. group.Select(p => p.Position).Distinct()]).ToDictionary(row => row.Position);
        if (group.Any(part => !rows.TryGetValue(part.Position, out var row) || !row.Batch.Readings.Contains(part.Readings)))
        {
            return null;
        }

        var target = rows[group.Max(p => p.Position)];
        foreach (var part in group)
        {
            var row = rows[part.Position];
            row.Batch.Readings.Remove(part.Readings);
            session.Run("DELETE FROM telemetry_block WHERE unit = $1 AND last_time = $2 AND position = $3", unit, row.LastTimeOf(part.Readings), row.Position);
        }

        target.Batch.Readings.Add(merged);
        var (first, last) = (target.FirstTimeOf(merged), target.LastTimeOf(merged));
        session.Run("INSERT INTO telemetry_block (unit, last_time, position, first_time) VALUES ($1, $2, $3, $4)", unit, last, target.Position, first);
        session.Run("UPDATE telemetry_unit SET longest = $2 WHERE id = $1 AND longest < $2", unit, last - first);
        engine.NoteHeld(session, rows.Values.Sum(row => Update(session, unit, row) - (long)row.Bytes), -rows.Values.Count(row => row.IsEmpty));

        SequenceFold.Add(session, rows.Values.Where(row => row.IsEmpty).Select(row => (row.Stream, row.Sequence)));
        return last - first;
    }

    /// <returns>Bytes of the payload that is left.</returns>
    private int Update(SqlSession session, long unit, BatchRow row)
    {
        if (row.IsEmpty)
        {
            engine.Delete(session, row);
            session.Run("DELETE FROM telemetry_mention WHERE unit = $1 AND position = $2", unit, row.Position);
            return 0;
        }

        var payload = row.Batch.ToByteArray();
        session.Run("UPDATE telemetry_batch SET payload = $2 WHERE position = $1", row.Position, payload);
        session.Run("INSERT INTO telemetry_mention (unit, position) VALUES ($1, $2) ON CONFLICT DO NOTHING", unit, row.Position);
        return payload.Length;
    }

    private Schema SchemaOf(Readings readings) => readings.Schema.IsEmpty
        ? ReadingColumns.Of(new(), readings).Schema
        : schemas.FindSchema(readings.Schema.Memory) ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(readings.Schema.Span)}; restore it from a backup.");

    private static bool IsOf(Readings readings, UnitRef unit) => readings.Installation == (uint)unit.Installation && readings.Asset == unit.Asset.ToString();
}
