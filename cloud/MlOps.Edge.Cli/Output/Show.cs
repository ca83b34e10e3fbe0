using System.Globalization;

namespace MlOps.Edge.Cli.Output;

/// <summary>Values as tables show them: the same on every machine.</summary>
internal static class Show
{
    public const string Nothing = "-";

    public static string Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>To the millisecond.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A reading in its shortest exact form.</summary>
    public static string Reading(float? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? Nothing;

    public static string Number(double value) => double.IsFinite(value) ? value.ToString("0.###", CultureInfo.InvariantCulture) : Nothing;

    public static string Count(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Percent(double fraction) => double.IsFinite(fraction) ? (100 * fraction).ToString("0.0", CultureInfo.InvariantCulture) + " %" : Nothing;

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes / 1024.0).ToString("0.#", CultureInfo.InvariantCulture) + " KiB",
        _ => (bytes / (1024.0 * 1024)).ToString("0.#", CultureInfo.InvariantCulture) + " MiB",
    };

    /// <summary>In the largest unit that it has a whole one of, and the next.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 10 } => duration.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 1 } => $"{duration.Seconds} s",
        { TotalHours: < 1 } => $"{duration.Minutes} min {duration.Seconds} s",
        { TotalDays: < 1 } => $"{duration.Hours} h {duration.Minutes} min",
        _ => $"{(long)duration.TotalDays} d {duration.Hours} h",
    };

    /// <summary>The first digits of a digest: enough to tell versions apart.</summary>
    public static string Digest(string digest) => digest.Length > 12 ? digest[..12] : digest;

    public static string List(IReadOnlyCollection<string> words) => words.Count == 0 ? Nothing : string.Join(", ", words);
}
