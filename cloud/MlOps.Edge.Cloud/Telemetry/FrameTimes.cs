using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>The device times of the frames of one block.</summary>
internal readonly struct FrameTimes(Readings block)
{
    public long FirstMs => block.FirstTimeMs;

    public long LastMs => AtMs((int)block.Frames - 1);

    public DateTimeOffset Last => DateTimeOffset.FromUnixTimeMilliseconds(LastMs);

    public DateTimeOffset At(int index) => DateTimeOffset.FromUnixTimeMilliseconds(AtMs(index));

    /// <summary>Of every frame, Unix milliseconds.</summary>
    public long[] ToArray()
    {
        var times = new long[block.Frames];
        var at = block.FirstTimeMs;
        for (var i = 0; i < times.Length; i++)
        {
            at += i == 0 ? 0 : block.IntervalMs > 0 ? block.IntervalMs : block.TimeDeltasMs[i - 1];
            times[i] = at;
        }

        return times;
    }

    /// <summary>The frames at or before a time: times do not fall within a block, so they are its first ones.</summary>
    public int CountThrough(DateTimeOffset time)
    {
        var limit = time.ToUnixTimeMilliseconds();
        if (block.IntervalMs > 0)
        {
            return limit < FirstMs ? 0 : (int)Math.Min(block.Frames, (limit - FirstMs) / block.IntervalMs + 1);
        }

        var (count, at) = (0, FirstMs);
        while (at <= limit && count < block.Frames)
        {
            at += count < block.TimeDeltasMs.Count ? block.TimeDeltasMs[count] : 0;
            count++;
        }

        return count;
    }

    private long AtMs(int index) => block.FirstTimeMs + (block.IntervalMs > 0
        ? (long)index * block.IntervalMs
        : block.TimeDeltasMs.Take(index).Sum(delta => (long)delta));
}
