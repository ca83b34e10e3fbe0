namespace MlOps.Edge.Cloud.Training.Intervals;

/// <summary>One prediction for a window of a unit that its model has not seen.</summary>
/// <param name="Unit">The index of the unit.</param>
/// <param name="Predicted">In [0, cap].</param>
/// <param name="Target">min(RUL, cap).</param>
/// <param name="Weight">Among the unit's own windows.</param>
internal readonly record struct Residual(int Unit, double Predicted, double Target, double Weight = 1)
{
    public double Error => Target - Predicted;
}
