namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// A step between two flat stretches: three blocks before, one in which it may happen, two after. Wear is a slope, which
/// before and after give away; a sensor that slips is a step.
/// </summary>
internal static class LevelStep
{
    public const int Blocks = 6;

    private const double FlatBefore = 0.4;
    private const double FlatAfter = 0.3;

    /// <summary>The height of the step, whether it is one or not; NaN where a level is missing.</summary>
    public static double Height(ReadOnlySpan<double> levels) =>
        ((levels[4] + levels[5]) / 2) - ((levels[0] + levels[1] + levels[2]) / 3);

    /// <summary>Whether both stretches are flat against the height.</summary>
    public static bool IsStep(ReadOnlySpan<double> levels)
    {
        var height = Math.Abs(Height(levels));
        var before = Math.Max(levels[0], Math.Max(levels[1], levels[2])) - Math.Min(levels[0], Math.Min(levels[1], levels[2]));
        return before <= FlatBefore * height && Math.Abs(levels[5] - levels[4]) <= FlatAfter * height;
    }
}
