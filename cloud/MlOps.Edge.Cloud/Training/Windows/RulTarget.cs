namespace MlOps.Edge.Cloud.Training.Windows;

/// <summary>What is known of the remaining useful life at the frames of one unit.</summary>
internal static class RulTarget
{
    /// <summary>
    /// The target at a frame, min(RUL, cap) in sample intervals, or NaN where it is unknown. At the last frame of a failed
    /// unit RUL is 0. A running or censored unit has survived to its last frame: where that alone proves RUL ≥ cap the
    /// target is exactly the cap; nearer to its end nothing is known.
    /// </summary>
    public static double At(UnitHistory unit, int frame, double cap)
    {
        int survived = unit.Frames - 1 - frame;
        return unit.End == UnitEnd.Failed
            ? Math.Min(survived, cap)
            : survived >= cap ? cap : double.NaN;
    }
}
