using System.Runtime.CompilerServices;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

internal sealed class TelemetryQueries(UnitSelection selection, RangePlanner planner, RangeReader reader, ITelemetryHistory history) : ITelemetryQueries
{
    /// <summary>How far back among all gaps those of some units are looked for.</summary>
    public const int MostGaps = 10_000;

    public async Task<IReadOnlyList<LatestReading>> GetLatestAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken)
    {
        var units = await selection.FindAsync(selector, cancellationToken);
        if (units.Count > 0)
        {
            RangePlanner.Choose(RangePlanner.Channels(units.Select(planner.SchemaOf)), channels);
        }

        return [.. units.Select(unit => Latest(unit, channels))];
    }

    public async Task<RangePlan> PlanAsync(RangeQuery query, CancellationToken cancellationToken) =>
        await planner.PlanAsync(query, await selection.FindAsync(query.Units, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<TelemetryPage> ReadAsync(RangePlan plan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var unit in plan.Units)
        {
            var pages = plan.Resolution switch
            {
                Resolution.Minute => reader.ReadIntervalsAsync(unit, plan, RollupInterval.Minute, cancellationToken),
                Resolution.Hour => reader.ReadIntervalsAsync(unit, plan, RollupInterval.Hour, cancellationToken),
                _ => reader.ReadFramesAsync(unit, plan, cancellationToken),
            };
            await foreach (var page in pages)
            {
                yield return page;
            }
        }
    }

    public async Task<IReadOnlyList<StoredGap>> ListGapsAsync(UnitSelector selector, QueryTime? from, QueryTime? to, int limit, CancellationToken cancellationToken)
    {
        var filter = await selection.FilterAsync(selector, cancellationToken);
        var units = await selection.FindAsync(selector, cancellationToken);
        var (first, end) = planner.Span(from ?? QueryTime.At(DateTimeOffset.UnixEpoch), to ?? QueryTime.At(DateTimeOffset.MaxValue), units);
        var gaps = await history.ListGapsAsync(selector.Devices is [var one] ? one : null, MostGaps, cancellationToken);
        return [.. gaps.Where(gap => Overlaps(gap, first.ToUnixTimeMilliseconds(), end.ToUnixTimeMilliseconds()) && Concerns(gap, filter, units)).Take(limit)];
    }

    private LatestReading Latest(UnitExtent unit, IReadOnlyList<string> channels)
    {
        var values = planner.SchemaOf(unit).Channels.Select((c, i) => new ChannelValue(new(c.Name, c.Unit), unit.Latest[i]));
        return new(unit.Unit, unit.MachineKind, unit.Device, unit.LastFrame, unit.LastTime, [.. values.Where(v => channels.Count == 0 || channels.Contains(v.Channel.Name))]);
    }

    private static bool Overlaps(StoredGap gap, long fromMs, long toMs) =>
        (gap.Gap.FirstTimeMs == 0 && gap.Gap.LastTimeMs == 0) || (gap.Gap.FirstTimeMs < toMs && gap.Gap.LastTimeMs >= fromMs);

    // A gap of batches names no unit: it may be any that its device reads.
    private static bool Concerns(StoredGap gap, UnitFilter filter, IReadOnlyList<UnitExtent> units)
    {
        if (gap.Gap.Asset.Length == 0)
        {
            return filter.Selector is { Assets.Count: 0, MachineKind: null } ? filter.Holds(gap.Device) : units.Any(u => u.Device == gap.Device);
        }

        var unit = BatchCheck.Unit(gap.Gap.Asset, gap.Gap.Installation);
        return units.Any(u => u.Unit == unit) || (filter.Selector is { Assets.Count: 0, MachineKind: null } && filter.Holds(gap.Device));
    }
}
