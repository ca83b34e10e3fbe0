using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// The clock that all times of one batch are of, which the cloud corrects by one number: the device's, as it stood at the first frame. When somebody
/// sets it, what is sampled until the batch ends has the time that it would have without that.
/// </summary>
internal sealed class BatchClock(SessionClock clock)
{
    // What a clock is adjusted by without being set: within what the cloud does not correct.
    private static readonly TimeSpan Adjusted = TimeSpan.FromSeconds(1);

    private DeviceClock? _first;

    /// <summary>What the batch's clock says now; null: the batch has no frame.</summary>
    public DeviceClock? Now => _first is null ? null : InTermsOf(_first, clock.Now);

    /// <summary>When a frame was sampled that comes to the batch now.</summary>
    public DateTimeOffset TimeOf(DateTimeOffset sampled)
    {
        var now = clock.Now;
        var ms = sampled.ToUnixTimeMilliseconds();

        // The frame's own time, not the clock's: that may have been set since.
        _first ??= new() { Session = now.Session, UptimeMs = now.UptimeMs, TimeMs = ms };
        var expected = InTermsOf(_first, new() { Session = now.Session, UptimeMs = now.UptimeMs, TimeMs = ms });
        return expected.TimeMs == ms ? sampled : DateTimeOffset.FromUnixTimeMilliseconds(expected.TimeMs);
    }

    /// <summary>The next frame is the first of another batch.</summary>
    public void Reset() => _first = null;

    private static DeviceClock InTermsOf(DeviceClock first, DeviceClock now)
    {
        var expected = first.TimeMs + ((long)now.UptimeMs - (long)first.UptimeMs);
        return Math.Abs(now.TimeMs - expected) <= Adjusted.TotalMilliseconds ? now : new() { Session = now.Session, UptimeMs = now.UptimeMs, TimeMs = expected };
    }
}
