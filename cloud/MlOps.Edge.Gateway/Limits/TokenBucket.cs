namespace MlOps.Edge.Gateway.Limits;

/// <summary>A rate with a burst: tokens come in at the rate, and no more than the burst are kept. Not for use by two threads at a time.</summary>
/// <param name="perSecond">Tokens per second.</param>
internal sealed class TokenBucket(double perSecond, double burst, TimeProvider clock)
{
    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _at = clock.GetTimestamp();

    /// <summary>The share that is left, 0 to 1.</summary>
    public double Level
    {
        get
        {
            Refill(clock.GetTimestamp());
            return LevelAtLast;
        }
    }

    /// <summary><see cref="Level"/> when the bucket was last asked.</summary>
    public double LevelAtLast => Math.Max(0, _tokens) / _burst;

    /// <summary>How long until so many can be had; zero: now. More than the burst are taken for the burst.</summary>
    public TimeSpan Until(double tokens) => Until(tokens, clock.GetTimestamp());

    /// <inheritdoc cref="Until(double)"/>
    /// <param name="now">A timestamp of the clock.</param>
    public TimeSpan Until(double tokens, long now)
    {
        Refill(now);
        var lacking = Math.Min(tokens, _burst) - _tokens;
        return lacking <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(lacking / perSecond);
    }

    /// <summary>Takes them, whether they are there or not: what is lacking is owed.</summary>
    public void Take(double tokens) => _tokens -= Math.Min(tokens, _burst);

    private void Refill(long now)
    {
        _tokens = Math.Min(_burst, _tokens + clock.GetElapsedTime(_at, now).TotalSeconds * perSecond);
        _at = now;
    }
}
