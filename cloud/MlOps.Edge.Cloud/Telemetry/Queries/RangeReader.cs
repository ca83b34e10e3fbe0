using System.Runtime.CompilerServices;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>Reads the rows of one unit in order of time, slice after slice.</summary>
internal sealed class RangeReader(ITelemetryStore store, ITelemetryHistory history)
{
    /// <summary>Most rows of a page.</summary>
    public const int PageRows = 4096;

    // Of a slice; a frame has perhaps twenty channels.
    private const int SliceRows = 16_384;

    public async IAsyncEnumerable<TelemetryPage> ReadFramesAsync(UnitExtent unit, RangePlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var slice in SlicesAsync(unit, Names(plan), Ms(plan.From), Ms(plan.To), 1, cancellationToken))
        {
            foreach (var page in slice.Pages(unit, PageRows))
            {
                yield return page;
            }
        }
    }

    /// <summary>
    /// From the rollups as far as they go, and from the readings after that. The last row of the rollups may still grow: it counts as far as it
    /// knows more than the readings, which are not kept as long.
    /// </summary>
    public async IAsyncEnumerable<TelemetryPage> ReadIntervalsAsync(
        UnitExtent unit, RangePlan plan, RollupInterval interval, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (names, step) = (Names(plan), (long)interval);
        var (from, to) = (RollupTime.RowOf(interval, Ms(plan.From)), RollupTime.RowOf(interval, Ms(plan.To) - 1) + step);
        var last = await LastRowAsync(unit, interval, from, to, cancellationToken);
        if (last is { } end)
        {
            await foreach (var table in RollupsAsync(unit, names, interval, from, end, cancellationToken))
            {
                foreach (var page in table.Pages(unit, PageRows))
                {
                    yield return page;
                }
            }
        }

        var tail = last is { } row ? await RollupAsync(unit, names, interval, row, row + step, cancellationToken) : new(interval, names);
        await foreach (var slice in SlicesAsync(unit, names, last ?? from, to, step, cancellationToken))
        {
            var table = new IntervalTable(interval, names);
            slice.AddTo(table);
            table.TakeFuller(tail);
            tail = new(interval, names);
            foreach (var page in table.Pages(unit, PageRows))
            {
                yield return page;
            }
        }
    }

    private async IAsyncEnumerable<FrameTable> SlicesAsync(
        UnitExtent unit, IReadOnlyList<string> names, long from, long to, long step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (pace, start) = await PaceAsync(unit, from, cancellationToken);
        var (walk, given) = (new Walk(from, to, start, Ms(unit.LastTime), (long)(pace.IntervalMs * SliceRows), step), new FrameLedger());
        while (walk.MoveNext())
        {
            var batches = await history.ReadSpanAsync(unit.Unit, Time(walk.From), Time(walk.To), cancellationToken);
            var slice = FrameTable.Read(batches, unit.Unit, names, walk.From, walk.To, given);
            walk.Saw(slice.Count, SliceRows);
            yield return slice;
        }
    }

    private async Task<(UnitPace Pace, long Start)> PaceAsync(UnitExtent unit, long from, CancellationToken cancellationToken)
    {
        var pace = await UnitPace.OfAsync(unit, history, cancellationToken);
        return (pace, from < pace.StartMs ? Math.Min(pace.StartMs, await FirstStoredAsync(unit, cancellationToken)) : pace.StartMs);
    }

    private async Task<long> FirstStoredAsync(UnitExtent unit, CancellationToken cancellationToken)
    {
        await foreach (var stored in store.ReadUnitAsync(unit.Unit, cancellationToken))
        {
            foreach (var block in TelemetryReader.Decode(stored).Readings)
            {
                if (block.Installation == (uint)unit.Unit.Installation && block.Asset == unit.Unit.Asset.ToString())
                {
                    return block.FirstTimeMs;
                }
            }
        }

        return long.MaxValue;
    }

    private async IAsyncEnumerable<IntervalTable> RollupsAsync(
        UnitExtent unit, IReadOnlyList<string> names, RollupInterval interval, long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (_, start) = await PaceAsync(unit, from, cancellationToken);
        var walk = new Walk(from, to, start, Ms(unit.LastTime), PageRows / 4 * (long)interval, (long)interval * RollupTime.Rows(interval));
        while (walk.MoveNext())
        {
            var table = await RollupAsync(unit, names, interval, walk.From, walk.To, cancellationToken);
            walk.Saw(table.Count, PageRows);
            yield return table;
        }
    }

    private async Task<IntervalTable> RollupAsync(UnitExtent unit, IReadOnlyList<string> names, RollupInterval interval, long from, long to, CancellationToken cancellationToken)
    {
        var table = new IntervalTable(interval, names);
        foreach (var chunk in await history.ReadRollupsAsync(unit.Unit, interval, Time(from), Time(to), cancellationToken))
        {
            table.Add(chunk, from, to);
        }

        return table;
    }

    /// <summary>When the newest interval of a span that the rollups have begins; null: they have none.</summary>
    private async Task<long?> LastRowAsync(UnitExtent unit, RollupInterval interval, long from, long to, CancellationToken cancellationToken)
    {
        var chunk = (long)interval * RollupTime.Rows(interval);
        var end = Math.Min(to, RollupTime.RowOf(interval, Ms(unit.LastTime)) + (long)interval);
        for (var length = 2 * chunk; end > from; length *= 2)
        {
            var start = Math.Max(from, end - length);
            var table = await RollupAsync(unit, [], interval, start, end, cancellationToken);
            if (table.LastMs is { } last)
            {
                return last;
            }

            end = start;
        }

        return null;
    }

    private static IReadOnlyList<string> Names(RangePlan plan) => [.. plan.Channels.Select(c => c.Name)];

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
