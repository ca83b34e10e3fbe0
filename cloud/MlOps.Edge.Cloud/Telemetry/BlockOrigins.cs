using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Which batches a stored block was made of.</summary>
internal static class BlockOrigins
{
    /// <param name="position">Of the batch that the block is in: the origin of one that was not made of several.</param>
    /// <returns>In the order of frames: a position, the frames of its part, and how many parts of as many frames come from it and the positions after it.</returns>
    public static IEnumerable<(ulong Position, uint Frames, uint Run)> Of(Readings block, ulong position)
    {
        if (block.PartPositions.Count == 0)
        {
            yield return (position, block.Frames, 1);
        }

        for (var i = 0; i < block.PartPositions.Count; i++)
        {
            yield return (block.PartPositions[i], block.PartFrames[i], i < block.PartRuns.Count ? block.PartRuns[i] : 1);
        }
    }
}
