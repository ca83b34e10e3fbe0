using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// A moment as people ask for it: an ISO 8601 time, or <c>now</c> (the cloud's clock) or <c>last</c> (the newest reading of the units chosen)
/// with a duration taken off or put on: <c>-1h</c>, <c>now-30m</c>, <c>last-2d</c>. Units are s, m, h and d; a time without a zone is UTC.
/// </summary>
/// <param name="Offset">From the anchor; for <see cref="TimeAnchor.Absolute"/> since 1970.</param>
public readonly record struct QueryTime(TimeAnchor Anchor, TimeSpan Offset) : IParsable<QueryTime>
{
    public static QueryTime At(DateTimeOffset time) => new(TimeAnchor.Absolute, time - DateTimeOffset.UnixEpoch);

    /// <exception cref="FormatException">The text is not such a time; the message states the rule.</exception>
    public static QueryTime Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var time) ? time
        : TryIso(s, out _) ? throw new FormatException($"'{s}' is before 1970-01-01T00:00:00Z, the first time that a reading can have.")
        : throw new FormatException($"'{s}' is not a time (2026-11-23T06:30:00Z, now, last, or one of them and a duration: -1h, now-30m, last-2d).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out QueryTime result)
    {
        result = default;
        if (string.IsNullOrWhiteSpace(s))
        {
            return false;
        }

        var last = s.StartsWith("last", StringComparison.Ordinal);
        var rest = last || s.StartsWith("now", StringComparison.Ordinal) ? s.AsSpan(last ? 4 : 3) : s.AsSpan();
        if (rest.Length < s.Length || s[0] is '-' or '+')
        {
            var known = TryDuration(rest, out var offset);
            result = new(last ? TimeAnchor.Last : TimeAnchor.Now, offset);
            return known;
        }

        var iso = TryIso(s, out var time);
        result = iso ? At(time) : default;
        return iso && time >= DateTimeOffset.UnixEpoch;
    }

    // The + of a zone is a space in a URL that was not escaped.
    private static bool TryIso(string s, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(s.Contains('T') ? s.Replace(' ', '+') : s, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static bool TryDuration(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length == 0)
        {
            return true;
        }

        double? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => null };
        if (unit is not { } seconds || text.Length < 3 || text[0] is not ('-' or '+')
            || !double.TryParse(text[1..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count * seconds > TimeSpan.FromDays(365_000).TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(Math.Round(count * seconds * 1000) * (text[0] == '-' ? -1 : 1));
        return true;
    }
}

public enum TimeAnchor
{
    /// <summary>1970.</summary>
    Absolute,

    /// <summary>The cloud's clock.</summary>
    Now,

    /// <summary>The newest reading of the units chosen.</summary>
    Last,
}
