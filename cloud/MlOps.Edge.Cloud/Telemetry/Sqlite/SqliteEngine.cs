using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

internal sealed class SqliteEngine(SqliteDatabase database, SqliteTelemetryStore store) : ITelemetryEngine
{
    private const int PagesAtOnce = 2048;

    public ISqlDatabase Database => database;

    public IUnitBook Units => store.Ledger;

    /// <summary>How many batches a row of <c>telemetry_batch</c> has: <see cref="KeyHash.Bytes"/> stand for each.</summary>
    public static readonly string Count = string.Create(CultureInfo.InvariantCulture, $"length(hash) / {KeyHash.Bytes}");

    public string HashColumn => "hash";

    public string CountColumn => Count;

    public string Sequences => $"SELECT sequence - {Count} + 1, sequence FROM telemetry_batch WHERE stream = $1 AND sequence > $2 ORDER BY sequence";

    public string IsOneOf(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

    public object List(long[] numbers) => JsonSerializer.Serialize(numbers);

    public void Delete(SqlSession session, BatchRow row) => session.Run("DELETE FROM telemetry_batch WHERE position = $1", row.Position);

    public int Write(SqlSession session, BatchRow row)
    {
        Delete(session, row);
        var left = 0;
        foreach (var batch in row.Batches.Where(batch => !batch.IsEmpty))
        {
            var payload = batch.Content.ToByteArray();
            session.Run(
                "INSERT INTO telemetry_batch (position, stream, sequence, received_at, clock_trust, clock_offset, hash, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                batch.Position, row.Stream, batch.Sequence, row.ReceivedAt.ToUnixTimeMilliseconds(), (int)row.Clock.Trust, (long)row.Clock.Offset.TotalMilliseconds, batch.Hash, payload);
            left += payload.Length;
        }

        return left;
    }

    public void NoteHeld(SqlSession session, long bytes, int rows)
    {
        // The file knows its pages.
    }

    public long UsedBytes(SqlSession session) =>
        (Pragma(session, "PRAGMA page_count") - Pragma(session, "PRAGMA freelist_count")) * Pragma(session, "PRAGMA page_size");

    public void ForgetStreams() => store.Writer.ForgetStreams();

    public void NoteLength(UnitEntry unit, long ms) => store.Ledger.NoteLength(unit, ms);

    public Task TidyAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(session => session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({PagesAtOnce})")), cancellationToken);

    // One file, one cloud.
    public Task<IAsyncDisposable?> BeginUpkeepAsync(CancellationToken cancellationToken) => Task.FromResult<IAsyncDisposable?>(NoLock.Instance);

    private static long Pragma(SqlSession session, string pragma) => session.First(pragma, row => row.GetInt64(0));

    private sealed class NoLock : IAsyncDisposable
    {
        public static NoLock Instance { get; } = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
