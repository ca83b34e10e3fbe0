using System.Diagnostics;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>The time of a load: what its devices' clocks say, and which stretch of it is measured.</summary>
internal sealed class Stopwatches
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _beganMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    private long _from = long.MaxValue;
    private long _to = long.MaxValue;

    public long UptimeMs => (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>Unix milliseconds.</summary>
    public long TimeMs => _beganMs + UptimeMs;

    public void Begin() => Volatile.Write(ref _from, Stopwatch.GetTimestamp());

    public void End() => Volatile.Write(ref _to, Stopwatch.GetTimestamp());

    /// <summary>How long it was measured.</summary>
    public TimeSpan Measured => Stopwatch.GetElapsedTime(_from, _to);

    /// <param name="timestamp">Stopwatch ticks.</param>
    public bool Measures(long timestamp) => timestamp >= Volatile.Read(ref _from) && timestamp <= Volatile.Read(ref _to);
}
