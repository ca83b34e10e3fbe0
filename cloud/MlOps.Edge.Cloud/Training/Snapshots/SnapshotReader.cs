using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Training.Snapshots;

/// <summary>Reads snapshots back, to the bit.</summary>
internal sealed class SnapshotReader(IArtifactStore artifacts)
{
    /// <exception cref="TrainingException">The snapshot is not in the store, or not readable.</exception>
    public async Task<DatasetSnapshot> ReadAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var bytes = await artifacts.GetAsync(digest, cancellationToken) ?? throw new TrainingException($"dataset snapshot {digest} is not in the artifact store");
        try
        {
            return DatasetSnapshot.FromBytes(bytes);
        }
        catch (FormatException e)
        {
            throw new TrainingException($"artifact {digest} is not a dataset snapshot: {e.Message}");
        }
    }

    /// <summary>Every unit's frames, in the snapshot's order.</summary>
    public async Task<IReadOnlyList<UnitHistory>> ReadUnitsAsync(DatasetSnapshot snapshot, CancellationToken cancellationToken)
    {
        var units = new List<UnitHistory>(snapshot.Units.Count);
        foreach (var unit in snapshot.Units)
        {
            var bytes = await artifacts.GetAsync(unit.Data, cancellationToken)
                ?? throw new TrainingException($"the frames of unit {unit.Unit} ({unit.Data}) are not in the artifact store");
            if (bytes.Length != (long)unit.Frames * snapshot.Channels * sizeof(float))
            {
                throw new TrainingException($"the frames of unit {unit.Unit} have {bytes.Length} bytes, not {unit.Frames} × {snapshot.Channels} float32");
            }

            units.Add(new() { Unit = unit.Unit, FirstFrame = unit.FirstFrame, Channels = snapshot.Channels, Values = FrameBytes.Decode(bytes), End = unit.End });
        }

        return units;
    }
}
