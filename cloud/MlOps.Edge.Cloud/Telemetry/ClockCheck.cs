using System.Globalization;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>How far a device's clock was off when it made a batch; the rules are in docs/mqtt-api.md, "Clocks".</summary>
internal static class ClockCheck
{
    /// <summary>What a clock may be off before its times are touched.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>No device of ours is older.</summary>
    public static readonly DateTimeOffset Earliest = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="published">The device's uptime when it published the batch; null: it did not say.</param>
    /// <param name="lastTime">The latest time in the batch; null: there is none.</param>
    public static ClockCorrection Of(DeviceClock? made, PublishedClock? published, DateTimeOffset? lastTime, DateTimeOffset receivedAt)
    {
        if (made is null)
        {
            return ClockCorrection.None;
        }

        if (published is { } now && now.Session == made.Session && now.UptimeMs >= made.UptimeMs)
        {
            var right = receivedAt.ToUnixTimeMilliseconds() - (long)(now.UptimeMs - made.UptimeMs);
            var offset = TimeSpan.FromMilliseconds(right - made.TimeMs);
            return offset.Duration() <= Tolerance ? ClockCorrection.None : new(offset, ClockTrust.Corrected);
        }

        var claimed = lastTime ?? DateTimeOffset.FromUnixTimeMilliseconds(made.TimeMs);
        return claimed >= Earliest && claimed <= receivedAt + Tolerance
            ? ClockCorrection.None
            : new(TimeSpan.FromMilliseconds(receivedAt.ToUnixTimeMilliseconds() - claimed.ToUnixTimeMilliseconds()), ClockTrust.Estimated);
    }

    /// <summary>Moves all times of a batch.</summary>
    public static void Correct(TelemetryBatch batch, ClockCorrection correction)
    {
        var ms = (long)correction.Offset.TotalMilliseconds;
        if (ms == 0)
        {
            return;
        }

        foreach (var readings in batch.Readings)
        {
            readings.FirstTimeMs += ms;
        }

        foreach (var summary in batch.Summaries)
        {
            summary.FirstTimeMs += ms;
        }
    }
}

/// <summary>What a device's monotonic clock says when it publishes.</summary>
/// <param name="Session">Of the agent's start.</param>
internal readonly record struct PublishedClock(ulong Session, ulong UptimeMs)
{
    /// <param name="text"><c>session:uptime in ms</c>, 16 hexadecimal digits and a decimal number.</param>
    /// <returns>Null where it is not that: a clock that cannot be read is none.</returns>
    public static PublishedClock? Parse(string? text) =>
        text is { Length: > 17 } && text[16] == ':'
        && ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var session)
        && ulong.TryParse(text.AsSpan(17), NumberStyles.None, CultureInfo.InvariantCulture, out var uptime)
            ? new(session, uptime)
            : null;
}
