using Google.Protobuf;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>Where a tally belongs.</summary>
/// <param name="Unit">Its number in the store.</param>
/// <param name="Schema">16 bytes.</param>
/// <param name="Start">Of the chunk, Unix milliseconds.</param>
internal readonly record struct RollupKey(long Unit, RollupInterval Interval, long Start, ByteString Schema);

/// <summary>
/// Takes batches into rollups. Each chunk says up to which batch it counts, so that a batch that is read again after a crash counts once;
/// the bookmark says from where to read again.
/// </summary>
internal sealed class RollupFlush(ISqlDatabase database, ISchemaBook schemas, IUnitBook units)
{
    // A transaction of some milliseconds: ingest waits behind it.
    private const int ChunksAtOnce = 32;
    private const int Page = 256;

    private readonly Dictionary<RollupKey, Pending> _pending = [];
    private readonly ColumnEncoder _encoder = new();
    private long _through = -1;

    /// <summary>Takes in what was stored since; call <see cref="SaveAsync"/> for it to count.</summary>
    /// <returns>Batches that were taken in.</returns>
    public async Task<int> TakeAsync(ITelemetryStore store, int most, CancellationToken cancellationToken)
    {
        if (_through < 0)
        {
            _through = await database.ReadAsync(session => UpkeepMarks.Get(session, UpkeepMarks.Rollups), cancellationToken);
        }

        var taken = 0;
        while (taken < most && await store.ReadAsync(_through, Math.Min(Page, most - taken), cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                Take(stored);
                _through = stored.Position;
            }

            taken += page.Count;
        }

        return taken;
    }

    /// <summary>Writes all that was taken in, some chunks at a time, and then how far that goes.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            return;
        }

        foreach (var some in _pending.ToArray().Chunk(ChunksAtOnce))
        {
            await database.WriteAsync(
                session =>
                {
                    foreach (var (key, pending) in some)
                    {
                        Save(session, key, pending);
                    }

                    return some.Length;
                },
                cancellationToken);
        }

        await database.WriteAsync(session => UpkeepMarks.Set(session, UpkeepMarks.Rollups, _through), cancellationToken);
        _pending.Clear();
    }

    private void Take(StoredBatch stored)
    {
        var batch = TelemetryReader.Decode(stored);
        foreach (var readings in batch.Readings)
        {
            Take(stored.Position, readings);
        }

        foreach (var summary in batch.Summaries)
        {
            Take(stored.Position, summary);
        }
    }

    private void Take(long position, Readings readings)
    {
        if (UnitOf(readings.Asset, readings.Installation) is not { } unit)
        {
            return;
        }

        // Found by its name, which is not made anew for every batch.
        var columns = readings.Schema.IsEmpty
            ? ReadingColumns.OfOwn(readings)
            : ReadingColumns.OfSchema(readings, schemas.FindSchema(readings.Schema.Memory) ?? throw new SchemaMissingException(readings.Schema));
        var (values, times, schema) = (columns.Decode(), new FrameTimes(readings).ToArray(), readings.Schema.IsEmpty ? SchemaId.Of(columns.Schema) : readings.Schema);
        foreach (var interval in Intervals(readings, times))
        {
            for (int from = 0, to; from < times.Length; from = to)
            {
                var row = RollupTime.RowOf(interval, times[from]);
                for (to = from + 1; to < times.Length && RollupTime.RowOf(interval, times[to]) == row; to++)
                {
                }

                At(new(unit, interval, RollupTime.ChunkOf(interval, row), schema), values.Length, position)?.Add(row, values, from, to);
            }
        }
    }

    private void Take(long position, Summary summary)
    {
        if (UnitOf(summary.Asset, summary.Installation) is not { } unit || schemas.FindSchema(summary.Schema.Memory) is not { } schema)
        {
            return;
        }

        foreach (var interval in (RollupInterval[])[RollupInterval.Minute, RollupInterval.Hour])
        {
            foreach (var chunk in SummaryRows.Split(summary, schema.Channels.Count, time => RollupTime.ChunkOf(interval, time)))
            {
                At(new(unit, interval, chunk.Key, summary.Schema), schema.Channels.Count, position)?.Add(chunk.Value, time => RollupTime.RowOf(interval, time));
            }
        }
    }

    // Frames that come further apart than a minute would fill a rollup by the minute with copies of themselves.
    private static RollupInterval[] Intervals(Readings readings, long[] times) =>
        (times.Length > 1 ? times[1] - times[0] : readings.IntervalMs) <= (long)RollupInterval.Minute / 2 ? [RollupInterval.Minute, RollupInterval.Hour] : [RollupInterval.Hour];

    private long? UnitOf(string asset, uint installation) => units.IdOf(BatchCheck.Unit(asset, installation));

    private RollupTally? At(RollupKey key, int channels, long position)
    {
        if (!_pending.TryGetValue(key, out var pending))
        {
            var counted = database.ReadNow(session => session.First(
                "SELECT position FROM telemetry_rollup WHERE unit = $1 AND interval = $2 AND start = $3 AND schema = $4",
                row => row.GetInt64(0), key.Unit, (int)key.Interval, key.Start, key.Schema.ToByteArray()));
            _pending.Add(key, pending = new(counted, new(channels)));
        }

        return position > pending.Counted ? pending.Tally : null;
    }

    private void Save(SqlSession session, RollupKey key, Pending pending)
    {
        // The work may be done again: what is stored is added to a copy.
        var schema = key.Schema.ToByteArray();
        var stored = session.First(
            "SELECT position, content FROM telemetry_rollup WHERE unit = $1 AND interval = $2 AND start = $3 AND schema = $4",
            row => (Counted: row.GetInt64(0), Content: row.GetFieldValue<byte[]>(1)), key.Unit, (int)key.Interval, key.Start, schema);
        if (stored.Counted > pending.Counted)
        {
            throw new StoreException("Another cloud took the same batches into the rollups; what it counted stands.");
        }

        var whole = pending.Tally.IsEmpty ? null : pending.Tally.With(stored.Content is null ? null : Summary.Parser.ParseFrom(stored.Content)).ToSummary(key.Interval, _encoder);
        if (whole is not null)
        {
            session.Run(
                """
                INSERT INTO telemetry_rollup (unit, interval, start, schema, position, content) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (unit, interval, start, schema) DO UPDATE SET position = excluded.position, content = excluded.content
                """,
                key.Unit, (int)key.Interval, key.Start, schema, _through, whole.ToByteArray());
        }
    }

    /// <param name="Counted">The last batch that the stored chunk counts.</param>
    private sealed record Pending(long Counted, RollupTally Tally);
}
