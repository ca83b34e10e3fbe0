using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>Lets go of the oldest batches and rollups. Sequences stay known, so that nothing that is gone comes in again.</summary>
internal sealed class Retention(ITelemetryEngine engine)
{
    private const int RowsAtOnce = 128;
    private const int UnitsAtOnce = 64;

    private readonly RowIndex _index = new(engine.Units);

    /// <summary>Deletes batches that were stored before a moment, and the oldest while the database is larger than allowed.</summary>
    /// <param name="before">By the cloud's clock: a machine's own may stand anywhere.</param>
    /// <param name="mostBytes">Of what is in use.</param>
    /// <param name="through">The last batch that may go; what has not gone into rollups stays.</param>
    /// <returns>Batches that went.</returns>
    public async Task<int> BatchesAsync(DateTimeOffset before, long mostBytes, long through, CancellationToken cancellationToken)
    {
        for (var gone = 0; ;)
        {
            var (rows, batches) = await engine.Database.WriteAsync(session => Delete(session, before, mostBytes, through), _ => engine.ForgetStreams(), cancellationToken);
            gone += batches;
            if (rows < RowsAtOnce)
            {
                return gone;
            }
        }
    }

    /// <summary>Deletes chunks of rollups that lie further back than this from the unit's newest reading.</summary>
    public async Task<int> RollupsAsync(RollupInterval interval, TimeSpan kept, CancellationToken cancellationToken)
    {
        var gone = 0;
        foreach (var some in engine.Units.Entries.Chunk(UnitsAtOnce))
        {
            gone += await engine.Database.WriteAsync(session => some.Sum(unit => Delete(session, unit, interval, kept)), cancellationToken);
        }

        return gone;
    }

    private static int Delete(SqlSession session, UnitEntry unit, RollupInterval interval, TimeSpan kept) => session.Execute(
        "DELETE FROM telemetry_rollup WHERE unit = $1 AND interval = $2 AND start < $3",
        unit.Id, (int)interval, RollupTime.ChunkOf(interval, Math.Max(unit.LastTimeMs - (long)kept.TotalMilliseconds, 0)));

    private (int Rows, int Batches) Delete(SqlSession session, DateTimeOffset before, long mostBytes, long through)
    {
        var tooLarge = engine.UsedBytes(session) > mostBytes;
        var rows = BatchRow.Oldest(session, engine, RowsAtOnce).TakeWhile(row => row.Position <= through && (tooLarge || row.ReceivedAt < before)).ToList();
        foreach (var row in rows)
        {
            _index.Remove(session, row);
            engine.Delete(session, row);
        }

        engine.NoteHeld(session, -rows.Sum(row => (long)row.Bytes), -rows.Count);
        SequenceFold.Add(session, rows.SelectMany(row => row.Batches.Select(batch => (row.Stream, batch.Sequence))));
        return (rows.Count, rows.Sum(row => row.Batches.Count));
    }
}
