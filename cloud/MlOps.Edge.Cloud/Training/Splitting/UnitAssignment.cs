namespace MlOps.Edge.Cloud.Training.Splitting;

/// <summary>Where one unit stands, for this version of a model and for every later one.</summary>
/// <param name="Unit">The unit's id, <c>asset#installation</c>.</param>
/// <param name="Cohort">0 for the units of the first snapshot, 1 for those that the second one added, and so on.</param>
/// <param name="Fold">Which fold model leaves it out and is calibrated on it; −1 for a unit that judges.</param>
internal sealed record UnitAssignment(string Unit, int Cohort, UnitSide Side, int Fold);

/// <summary>A unit either teaches or judges; no unit ever does both.</summary>
internal enum UnitSide { Train = 0, Judge = 1 }
