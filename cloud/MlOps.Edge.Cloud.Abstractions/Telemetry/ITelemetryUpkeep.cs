namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What a telemetry store does beside taking batches in. Each call may be cut short anywhere and begun again; one at a time.</summary>
public interface ITelemetryUpkeep
{
    /// <summary>Takes what was stored since into the rollups.</summary>
    /// <returns>Batches that were taken in.</returns>
    Task<int> RollUpAsync(CancellationToken cancellationToken);

    /// <summary>Makes large blocks of the small ones that came before a moment.</summary>
    /// <param name="receivedBefore">By the cloud's clock. What is younger may still be read on by position.</param>
    /// <param name="level">Which blocks: 1 those that came since the last call of this level; a higher one, those that lower ones made.</param>
    /// <returns>Blocks that were made.</returns>
    Task<int> CompactAsync(int level, DateTimeOffset receivedBefore, CancellationToken cancellationToken);

    /// <summary>Lets go of what need not be kept.</summary>
    /// <returns>Batches that went.</returns>
    Task<int> ExpireAsync(RetentionPolicy policy, CancellationToken cancellationToken);
}

/// <param name="ReceivedBefore">Batches that were stored earlier go, once they are in the rollups.</param>
/// <param name="MostBytes">The oldest go while the store is larger.</param>
/// <param name="Minutes">How far back rollups by the minute go, from a unit's newest reading.</param>
/// <param name="Hours">How far back rollups by the hour go.</param>
public sealed record RetentionPolicy(DateTimeOffset ReceivedBefore, long MostBytes, TimeSpan Minutes, TimeSpan Hours);
