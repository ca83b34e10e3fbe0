using System.Globalization;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

internal sealed class TelemetryUpkeep(ITelemetryEngine engine, ITelemetryStore store, ISchemaBook schemas) : ITelemetryUpkeep
{
    // A chunk that is open is written anew each time: seldom enough that this costs little, often enough that memory stays small.
    private const int BatchesPerSave = 20_000;

    private readonly ISqlDatabase _database = engine.Database;

    public Task<int> RollUpAsync(CancellationToken cancellationToken) => AloneAsync(
        async () =>
        {
            // Each turn begins where the store says: another cloud may have had the last one, and a turn that failed left nothing.
            var rollups = new RollupFlush(_database, schemas, engine.Units);
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
        },
        cancellationToken);

    public Task<int> CompactAsync(int level, DateTimeOffset receivedBefore, CancellationToken cancellationToken) => AloneAsync(
        async () =>
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"blocks-{level}");
            var (after, through) = await _database.ReadAsync(
                session => (UpkeepMarks.Get(session, mark), Math.Min(PositionBefore(session, receivedBefore), engine.Units.UnitsPosition)), cancellationToken);
            if (through <= after)
            {
                return 0;
            }

            var made = await new BlockCompaction(engine, schemas).RunAsync(after, through, cancellationToken);
            await _database.WriteAsync(session => UpkeepMarks.Set(session, mark, through), cancellationToken);
            await engine.TidyAsync(cancellationToken);
            return made;
        },
        cancellationToken);

    public Task<int> ExpireAsync(RetentionPolicy policy, CancellationToken cancellationToken) => AloneAsync(
        async () =>
        {
            var retention = new Retention(engine);
            var rolledUp = await _database.ReadAsync(session => UpkeepMarks.Get(session, UpkeepMarks.Rollups), cancellationToken);
            var gone = await retention.BatchesAsync(policy.ReceivedBefore, policy.MostBytes, Math.Min(rolledUp, engine.Units.UnitsPosition), cancellationToken);
            await retention.RollupsAsync(RollupInterval.Minute, policy.Minutes, cancellationToken);
            await retention.RollupsAsync(RollupInterval.Hour, policy.Hours, cancellationToken);
            await engine.TidyAsync(cancellationToken);
            return gone;
        },
        cancellationToken);

    private async Task<int> AloneAsync(Func<Task<int>> work, CancellationToken cancellationToken)
    {
        await using var turn = await engine.BeginUpkeepAsync(cancellationToken);
        return turn is null ? 0 : await work();
    }

    // Positions grow with the time of receipt, give or take a transaction: halve the span until the place is found.
    private static long PositionBefore(SqlSession session, DateTimeOffset received)
    {
        var (low, high, limit) = (0L, TelemetryReads.Head(session), received.ToUnixTimeMilliseconds());
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
