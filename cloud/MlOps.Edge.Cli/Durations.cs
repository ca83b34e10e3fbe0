using System.Globalization;

namespace MlOps.Edge.Cli;

/// <summary>Durations as people write them.</summary>
internal static class Durations
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        double? seconds = text.Length < 2 ? null : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => null };
        if (seconds is not { } unit)
        {
            return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero;
        }

        var valid = double.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count * unit < TimeSpan.MaxValue.TotalSeconds / 2;
        duration = valid ? TimeSpan.FromSeconds(count * unit) : default;
        return valid;
    }
}
