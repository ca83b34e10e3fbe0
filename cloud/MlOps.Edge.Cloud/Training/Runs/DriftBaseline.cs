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

    // Units that still run belong to it: without them the short lives, which end first, would pass for the fleet.
    private static List<UnitHistory> Quiet(ModelDefinition definition, DatasetSnapshot snapshot, IReadOnlyList<UnitHistory> units, DateTimeOffset? since)
    {
        List<UnitHistory> recent = [.. units.Zip(snapshot.Units).Where(u => since is not { } from || Middle(definition, u.Second) >= from).Select(u => u.First)];
        return recent.Count >= ReferenceSketch.FewestUnits ? recent : [.. units];
    }

    private static DateTimeOffset Middle(ModelDefinition definition, SnapshotUnit unit) => unit.LastTime - definition.SampleInterval * (unit.Frames / 2.0);
}
