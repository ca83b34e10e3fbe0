namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Counts the time that batches have waited while an agent ran, in ms. It goes on from the newest batch of the file and has no part in what
/// the device's clock says: one that jumps by years makes nothing old.
/// </summary>
internal sealed class OutboxClock(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private long _before;

    public long Now => _before + (long)clock.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>What the file has was made before.</summary>
    public void NotBefore(long made) => _before += Math.Max(0, made - Now);
}
