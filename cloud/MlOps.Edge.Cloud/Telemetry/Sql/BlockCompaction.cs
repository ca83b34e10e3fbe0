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
    // What is decoded at a time, and what a transaction holds up; a row may hold dozens.
    private const int PartsAtOnce = 1024;
    private const int RowsAtOnce = 128;

    private readonly ISqlDatabase _database = engine.Database;
    private readonly RowIndex _index = new(engine.Units);
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
            var parts = new List<BlockPart>();
            foreach (var some in positions.Chunk(RowsAtOnce))
            {
                if (parts.Count >= PartsAtOnce)
                {
                    made += await CompactAsync(unit, parts, cancellationToken);
                    parts.Clear();
                }

                parts.AddRange(await PartsAsync(unit.Unit, some, cancellationToken));
            }

            made += await CompactAsync(unit, parts, cancellationToken);
        }

        return made;
    }

    private async Task<IReadOnlyList<BlockPart>> PartsAsync(UnitRef unit, long[] positions, CancellationToken cancellationToken) => await _database.ReadAsync(
        session =>
            (from row in BatchRow.FindAll(session, engine, positions)
             from batch in row.Batches
             from readings in batch.Content.Readings
             where IsOf(readings, unit)
             select new BlockPart(batch.Position, row.Clock, readings) { Row = row.Position }).ToList(),
        cancellationToken);

    private async Task<int> CompactAsync(UnitEntry unit, IReadOnlyList<BlockPart> parts, CancellationToken cancellationToken)
    {
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
        var rows = BatchRow.FindAll(session, engine, [.. group.Select(p => p.Row).Distinct()]);
        var batches = rows.SelectMany(row => row.Batches).ToDictionary(batch => batch.Position);
        if (group.Any(part => !batches.TryGetValue(part.Position, out var batch) || !batch.Content.Readings.Contains(part.Readings)))
        {
            return null;
        }

        rows.ForEach(row => _index.Remove(session, row));
        foreach (var part in group)
        {
            batches[part.Position].Content.Readings.Remove(part.Readings);
        }

        var target = group.Max(p => p.Position);
        batches[target].Content.Readings.Add(merged);
        var bytes = 0L;
        foreach (var row in rows)
        {
            bytes += engine.Write(session, row) - (long)row.Bytes;
            _index.Add(session, row);
        }

        var times = new FrameTimes(merged);
        var length = times.LastMs - times.FirstMs;
        session.Run("UPDATE telemetry_unit SET longest = $2 WHERE id = $1 AND longest < $2", unit, length);
        engine.NoteHeld(session, bytes, -rows.Count(row => row.Batches.All(batch => batch.IsEmpty)));
        SequenceFold.Add(session, from row in rows from batch in row.Batches where batch.IsEmpty select (row.Stream, batch.Sequence));
        return length;
    }

    private Schema SchemaOf(Readings readings) => readings.Schema.IsEmpty
        ? ReadingColumns.Of(new(), readings).Schema
        : schemas.FindSchema(readings.Schema.Memory) ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(readings.Schema.Span)}; restore it from a backup.");

    private static bool IsOf(Readings readings, UnitRef unit) => readings.Installation == (uint)unit.Installation && readings.Asset == unit.Asset.ToString();
}
