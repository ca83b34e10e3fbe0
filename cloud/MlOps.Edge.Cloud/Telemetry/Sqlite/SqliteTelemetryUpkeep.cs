using System.Globalization;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

internal sealed class SqliteTelemetryUpkeep(SqliteDatabase database, SqliteTelemetryStore store) : ITelemetryUpkeep
{
    // A chunk that is open is written anew each time: seldom enough that this costs little, often enough that memory stays small.
    private const int BatchesPerSave = 20_000;
    private const int PagesAtOnce = 2048;

    private RollupFlush? _rollups;

    public async Task<int> RollUpAsync(CancellationToken cancellationToken)
    {
        var rollups = _rollups ??= new(database, store, store.Writer.Ledger);
        try
        {
            for (var all = 0; ;)
            {
                var taken = await rollups.TakeAsync(store, BatchesPerSave, cancellationToken);
                await rollups.SaveAsync(cancellationToken);
                all += taken;
                if (taken < BatchesPerSave)
                {
                    return all;
                }
            }
        }
        catch
        {
            _rollups = null; // it begins again where the store says
            throw;
        }
    }

    public async Task<int> CompactAsync(int level, DateTimeOffset receivedBefore, CancellationToken cancellationToken)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"blocks-{level}");
        var (after, through) = await database.ReadAsync(
            session => (UpkeepMarks.Get(session, mark), Math.Min(PositionBefore(session, receivedBefore), store.Writer.Ledger.UnitsPosition)), cancellationToken);
        if (through <= after)
        {
            return 0;
        }

        var made = await new BlockCompaction(database, store, store.Writer).RunAsync(after, through, cancellationToken);
        await database.WriteAsync(session => UpkeepMarks.Set(session, mark, through), cancellationToken);
        await new Retention(database, store.Writer).VacuumAsync(PagesAtOnce, cancellationToken);
        return made;
    }

    public async Task<int> ExpireAsync(RetentionPolicy policy, CancellationToken cancellationToken)
    {
        var retention = new Retention(database, store.Writer);
        var rolledUp = await database.ReadAsync(session => UpkeepMarks.Get(session, UpkeepMarks.Rollups), cancellationToken);
        var gone = await retention.BatchesAsync(policy.ReceivedBefore, policy.MostBytes, Math.Min(rolledUp, store.Writer.Ledger.UnitsPosition), cancellationToken);
        await retention.RollupsAsync(RollupInterval.Minute, policy.Minutes, cancellationToken);
        await retention.RollupsAsync(RollupInterval.Hour, policy.Hours, cancellationToken);
        await retention.VacuumAsync(PagesAtOnce, cancellationToken);
        return gone;
    }

    // Positions grow with the time of receipt, give or take a transaction: halve the span until the place is found.
    private static long PositionBefore(SqliteSession session, DateTimeOffset received)
    {
        var (low, high, limit) = (0L, SqliteTelemetryStore.Head(session), received.ToUnixTimeMilliseconds());
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var next = session.First("SELECT position, received_at FROM telemetry_batch WHERE position > $1 ORDER BY position LIMIT 1", row => (Position: row.GetInt64(0), At: row.GetInt64(1)), middle);
            if (next.Position != 0 && next.At < limit)
            {
                low = next.Position;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
