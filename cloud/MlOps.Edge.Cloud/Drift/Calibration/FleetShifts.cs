namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>The fleet's shifts at one look.</summary>
/// <param name="Devices">The devices that <see cref="UnitScores.Device"/> points into.</param>
/// <param name="Units">By detector: each unit's standard scores.</param>
/// <param name="Shifts">By detector and channel, before scaling.</param>
internal sealed record FleetShifts(IReadOnlyList<string> Devices, UnitScores[][] Units, double[][] Shifts);
