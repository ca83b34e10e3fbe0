using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>Lets go of the oldest batches and rollups. Sequences stay known, so that nothing that is gone comes in again.</summary>
internal sealed class Retention(ITelemetryEngine engine)
{
    private const int BatchesAtOnce = 128;
    private const int UnitsAtOnce = 64;

    /// <summary>Deletes batches that were stored before a moment, and the oldest while the database is larger than allowed.</summary>
    /// <param name="before">By the cloud's clock: a machine's own may stand anywhere.</param>
    /// <param name="mostBytes">Of what is in use.</param>
    /// <param name="through">The last batch that may go; what has not gone into rollups stays.</param>
    /// <returns>Batches that went.</returns>
    public async Task<int> BatchesAsync(DateTimeOffset before, long mostBytes, long through, CancellationToken cancellationToken)
    {
        for (var gone = 0; ;)
        {
            var now = await engine.Database.WriteAsync(session => Delete(session, before, mostBytes, through), _ => engine.ForgetStreams(), cancellationToken);
            gone += now;
            if (now < BatchesAtOnce)
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

    private int Delete(SqlSession session, DateTimeOffset before, long mostBytes, long through)
    {
        var tooLarge = engine.UsedBytes(session) > mostBytes;
        var rows = BatchRow.Oldest(session, BatchesAtOnce).TakeWhile(row => row.Position <= through && (tooLarge || row.ReceivedAt < before)).ToList();
        foreach (var row in rows)
        {
            foreach (var readings in row.Batch.Readings)
            {
                session.Run("DELETE FROM telemetry_block WHERE unit = $1 AND last_time = $2 AND position = $3", UnitOf(readings.Asset, readings.Installation), row.LastTimeOf(readings), row.Position);
            }

            foreach (var unit in Mentioned(row.Batch).Distinct())
            {
                session.Run("DELETE FROM telemetry_mention WHERE unit = $1 AND position = $2", unit, row.Position);
            }

            engine.Delete(session, row);
        }

        engine.NoteHeld(session, -rows.Sum(row => (long)row.Bytes), -rows.Count);
        SequenceFold.Add(session, rows.Select(row => (row.Stream, row.Sequence)));
        return rows.Count;
    }

    private IEnumerable<long> Mentioned(TelemetryBatch batch) =>
    [
        .. batch.Readings.Select(r => UnitOf(r.Asset, r.Installation)),
        .. batch.Predictions.Select(p => UnitOf(p.Asset, p.Installation)),
        .. batch.Sketches.Select(s => UnitOf(s.Asset, s.Installation)),
        .. batch.Summaries.Select(s => UnitOf(s.Asset, s.Installation)),
    ];

    private long UnitOf(string asset, uint installation) => engine.Units.IdOf(BatchCheck.Unit(asset, installation)) ?? 0;
}
