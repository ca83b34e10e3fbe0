using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>How fast a unit is read, and since when: estimates, for choosing a resolution and the length of slices.</summary>
/// <param name="IntervalMs">Between frames, by the newest ones; at least 1.</param>
/// <param name="StartMs">When its life would have begun had it always been read like this; Unix milliseconds.</param>
internal readonly record struct UnitPace(double IntervalMs, long StartMs)
{
    // One batch will do where it has two frames; else further back, to what a sensor that reports once a week needs.
    private static readonly TimeSpan[] Looks = [TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(16), TimeSpan.FromHours(4), TimeSpan.FromDays(2), TimeSpan.FromDays(32)];

    public static async Task<UnitPace> OfAsync(UnitExtent unit, ITelemetryHistory history, CancellationToken cancellationToken)
    {
        var interval = Looks[^1].TotalMilliseconds;
        foreach (var look in Looks)
        {
            var batches = await history.ReadSpanAsync(unit.Unit, unit.LastTime - look, unit.LastTime.AddMilliseconds(1), cancellationToken);
            if (Interval(batches, unit.Unit) is { } found)
            {
                interval = Math.Max(1, found);
                break;
            }
        }

        var life = interval * (unit.LastFrame - unit.FirstFrame);
        return new(interval, (long)Math.Max(0, unit.LastTime.ToUnixTimeMilliseconds() - life));
    }

    /// <summary>How many frames a span would hold; both Unix milliseconds.</summary>
    public double FramesIn(long fromMs, long toMs, UnitExtent unit) =>
        Math.Max(0, Math.Min(toMs, unit.LastTime.ToUnixTimeMilliseconds() + 1) - Math.Max(fromMs, StartMs)) / IntervalMs;

    private static double? Interval(IReadOnlyList<StoredBatch> batches, UnitRef unit)
    {
        var (first, last, frames) = (long.MaxValue, long.MinValue, 0L);
        foreach (var block in batches.DistinctBy(b => b.Position).SelectMany(b => TelemetryReader.Decode(b).Readings))
        {
            if (block.Installation == (uint)unit.Installation && block.Asset == unit.Asset.ToString())
            {
                var times = new FrameTimes(block);
                (first, last, frames) = (Math.Min(first, times.FirstMs), Math.Max(last, times.LastMs), frames + block.Frames);
            }
        }

        return frames > 1 ? (last - first) / (double)(frames - 1) : null;
    }
}
