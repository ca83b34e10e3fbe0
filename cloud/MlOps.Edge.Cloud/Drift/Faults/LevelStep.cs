namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>
/// A step between two flat stretches: two or three blocks before, one in which it happens, five after. A machine's fault
/// grows on once it has begun; a sensor that slips is on its new level within a block, and stays there.
/// </summary>
internal static class LevelStep
{
    public const int MostBefore = 3;

    /// <summary>One block is flat by itself and says nothing: new machines run in, and many a quiet one has an odd first block.</summary>
    public const int FewestBefore = 2;

    public const int After = 5;

    private const double FlatBefore = 0.35;
    private const double FlatAfter = 0.5;
    private const double TrendAfter = 0.2;

    /// <summary>Blocks that a step with so many blocks before it takes.</summary>
    public static int Length(int before) => before + 1 + After;

    /// <summary>The height of the step, whether it is one or not; NaN where a level is missing.</summary>
    public static double Height(ReadOnlySpan<double> levels, int before) => Mean(levels[(before + 1)..]) - Mean(levels[..before]);

    /// <summary>Whether both stretches are flat against the height, and the one after it goes nowhere.</summary>
    public static bool IsStep(ReadOnlySpan<double> levels, int before)
    {
        var height = Math.Abs(Height(levels, before));
        var after = levels[(before + 1)..];
        return Range(levels[..before]) <= FlatBefore * height
            && Range(after) <= FlatAfter * height
            && Math.Abs(Mean(after[^2..]) - Mean(after[..2])) <= TrendAfter * height;
    }

    /// <summary>
    /// Of all jumps from one flat block or more to the one or two after the jump, the one most like a height; 0 where there
    /// is none. Says little by itself: old machines wear fast.
    /// </summary>
    public static double JumpLike(double wanted, ReadOnlySpan<double> levels)
    {
        var nearest = 0.0;
        for (var at = 1; at < levels.Length - 1; at++)
        {
            var before = levels[Math.Max(0, at - MostBefore)..at];
            var height = Mean(levels[(at + 1)..Math.Min(levels.Length, at + 3)]) - Mean(before);
            if (Math.Abs(height - wanted) < Math.Abs(nearest - wanted) && Range(before) <= FlatBefore * Math.Abs(height))
            {
                nearest = height;
            }
        }

        return nearest;
    }

    public static double Mean(ReadOnlySpan<double> levels)
    {
        var sum = 0.0;
        foreach (var level in levels)
        {
            sum += level;
        }

        return sum / levels.Length;
    }

    private static double Range(ReadOnlySpan<double> levels)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var level in levels)
        {
            (least, most) = (Math.Min(least, level), Math.Max(most, level));
        }

        return most - least;
    }
}
