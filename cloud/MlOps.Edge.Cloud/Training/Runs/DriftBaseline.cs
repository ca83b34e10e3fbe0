using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Chooses the units that show what quiet looks like for a new version, and freezes the drift reference on them.</summary>
internal static class DriftBaseline
{
    /// <param name="since">See <see cref="TrainingOrder.Since"/>.</param>
    /// <returns>Null where there are too few units to tell quiet from drift: such a version has no sketches.</returns>
    public static ReferenceSketch? Build(ModelDefinition definition, DatasetSnapshot snapshot, IReadOnlyList<UnitHistory> units, DateTimeOffset? since)
    {
        var quiet = Quiet(definition, snapshot, units, since);
        return quiet.Count < ReferenceSketch.FewestUnits ? null : ReferenceSketch.Build(definition, quiet);
    }

    // Units that still run belong to it: without them the short lives, which end first, would pass for the fleet. But one
    // that has not lived for a window yet shows nothing, and is about to be watched itself.
    private static List<UnitHistory> Quiet(ModelDefinition definition, DatasetSnapshot snapshot, IReadOnlyList<UnitHistory> units, DateTimeOffset? since)
    {
        var lived = units.Zip(snapshot.Units).Where(u => u.First.End != UnitEnd.Running || u.First.Frames >= definition.Window).ToList();
        List<UnitHistory> recent = [.. lived.Where(u => since is not { } from || Middle(definition, u.Second) >= from).Select(u => u.First)];
        return recent.Count >= ReferenceSketch.FewestUnits ? recent : [.. lived.Select(u => u.First)];
    }

    private static DateTimeOffset Middle(ModelDefinition definition, SnapshotUnit unit) => unit.LastTime - definition.SampleInterval * (unit.Frames / 2.0);
}
