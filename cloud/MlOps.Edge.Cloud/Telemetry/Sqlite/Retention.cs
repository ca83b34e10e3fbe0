using System.Globalization;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>Lets go of the oldest batches and rollups. Sequences stay known, so that nothing that is gone comes in again.</summary>
internal sealed class Retention(SqliteDatabase database, TelemetryWriter writer)
{
    private const int BatchesAtOnce = 128;

    /// <summary>Deletes batches that were stored before a moment, and the oldest while the database is larger than allowed.</summary>
    /// <param name="before">By the cloud's clock: a machine's own may stand anywhere.</param>
    /// <param name="mostBytes">Of pages in use.</param>
    /// <param name="through">The last batch that may go; what has not gone into rollups stays.</param>
    /// <returns>Batches that went.</returns>
    public async Task<int> BatchesAsync(DateTimeOffset before, long mostBytes, long through, CancellationToken cancellationToken)
    {
        for (var gone = 0; ;)
        {
            var now = await database.WriteAsync(session => Delete(session, before, mostBytes, through), _ => writer.ForgetStreams(), cancellationToken);
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
        foreach (var unit in writer.Ledger.Entries)
        {
            var before = unit.LastTimeMs - (long)kept.TotalMilliseconds;
            gone += await database.WriteAsync(
                session => session.Execute("DELETE FROM telemetry_rollup WHERE unit = $1 AND interval = $2 AND start < $3", unit.Id, (int)interval, RollupTime.ChunkOf(interval, Math.Max(before, 0))),
                cancellationToken);
        }

        return gone;
    }

    /// <summary>Gives pages that nothing uses back to the file system.</summary>
    public Task<int> VacuumAsync(int pages, CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({pages})")), cancellationToken);

    private int Delete(SqliteSession session, DateTimeOffset before, long mostBytes, long through)
    {
        var tooLarge = Used(session) > mostBytes;
        var rows = BatchRow.Oldest(session, BatchesAtOnce).TakeWhile(row => row.Position <= through && (tooLarge || row.ReceivedAt < before)).ToList();
        foreach (var row in rows)
        {
            foreach (var readings in row.Batch.Readings)
            {
                session.Execute("DELETE FROM telemetry_block WHERE unit = $1 AND last_time = $2 AND position = $3", UnitOf(readings.Asset, readings.Installation), row.LastTimeOf(readings), row.Position);
            }

            foreach (var unit in Mentioned(row.Batch).Distinct())
            {
                session.Execute("DELETE FROM telemetry_mention WHERE unit = $1 AND position = $2", unit, row.Position);
            }

            session.Execute("DELETE FROM telemetry_batch WHERE position = $1", row.Position);
        }

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

    private long UnitOf(string asset, uint installation) => writer.Ledger.Find(BatchCheck.Unit(asset, installation))?.Id ?? 0;

    private static long Used(SqliteSession session) =>
        (Pragma(session, "PRAGMA page_count") - Pragma(session, "PRAGMA freelist_count")) * Pragma(session, "PRAGMA page_size");

    private static long Pragma(SqliteSession session, string pragma) => session.First(pragma, row => row.GetInt64(0));
}
