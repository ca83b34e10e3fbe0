using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

internal sealed class PostgresEngine(PostgresDatabase database, PostgresUnits units, GroupAppend append, TimeProvider clock) : ITelemetryEngine
{
    public ISqlDatabase Database => database;

    public IUnitBook Units => units;

    public string HashColumn => "NULL::bytea";

    public string CountColumn => "1";

    public string Sequences => "SELECT sequence, sequence FROM telemetry_key WHERE stream = $1 AND sequence > $2 ORDER BY sequence";

    public string IsOneOf(string column, string parameter) => $"{column} = ANY ({parameter})";

    public object List(long[] numbers) => numbers;

    public void Delete(SqlSession session, BatchRow row)
    {
        session.Run("DELETE FROM telemetry_batch WHERE position = $1 AND received_at = $2", row.Position, row.ReceivedAt.ToUnixTimeMilliseconds());
        session.Run("DELETE FROM telemetry_key WHERE stream = $1 AND sequence = $2", row.Stream, row.Batches[0].Sequence);
    }

    public int Write(SqlSession session, BatchRow row)
    {
        if (row.Batches[0].IsEmpty)
        {
            Delete(session, row);
            return 0;
        }

        var payload = row.Batches[0].Content.ToByteArray();
        session.Run("UPDATE telemetry_batch SET payload = $2 WHERE position = $1", row.Position, payload);
        return payload.Length;
    }

    public void NoteHeld(SqlSession session, long bytes, int rows) => session.Run("UPDATE telemetry_total SET held = held + $1", bytes + (long)rows * GroupAppend.RowBytes);

    // A table keeps the room of rows that went until others take it: its size says nothing of what is in it.
    public long UsedBytes(SqlSession session) => session.First("SELECT held FROM telemetry_total", row => row.GetInt64(0));

    public void ForgetStreams()
    {
        // The database is asked each time.
    }

    public void NoteLength(UnitEntry unit, long ms)
    {
        // The row says it.
    }

    /// <summary>Makes the partitions of this month and the next, and drops those of which nothing is left: their room goes back to the file system at once.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var month = Partitions.MonthOf(clock.GetUtcNow());
        await database.WriteAsync(
            session =>
            {
                Partitions.Make(session, month);
                Partitions.Make(session, month.AddMonths(1));
                return 0;
            },
            committed: null, cancellationToken);

        // The month before stays: the clock of another cloud may still be in it.
        foreach (var empty in await database.ReadAsync(session => Partitions.Empty(session, month.AddMonths(-1)), cancellationToken))
        {
            await database.WriteAsync(
                session =>
                {
                    Partitions.DropIfEmpty(session, empty);
                    return 0;
                },
                _ => append.ForgetSoon(),
                cancellationToken);
        }
    }

    public async Task<IAsyncDisposable?> BeginUpkeepAsync(CancellationToken cancellationToken) => await database.TryLockAsync("telemetry_mark", cancellationToken);
}
