namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>What a store takes on disk that was written anew without holes, keys and indexes included, without what an empty one takes. Bytes.</summary>
/// <param name="Readings">For readings.</param>
/// <param name="Rollups">Beside them.</param>
internal sealed record DiskUse(long Readings, long Rollups);
