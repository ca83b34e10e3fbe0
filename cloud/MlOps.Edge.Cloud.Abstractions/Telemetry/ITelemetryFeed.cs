namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>New readings as they are stored, whatever time they are of.</summary>
public interface ITelemetryFeed
{
    /// <summary>What is stored after it returns is delivered. A group's devices are those that are in it now.</summary>
    /// <param name="channels">Empty: all.</param>
    /// <exception cref="Assets.UnknownUnitException">The selector names what is not there.</exception>
    Task<ILiveSubscription> SubscribeAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken);
}

/// <summary>Ends when it is disposed of. For one reader.</summary>
public interface ILiveSubscription : IDisposable
{
    /// <summary>Waits for the next readings. Whoever reads too slowly skips ahead and is told.</summary>
    ValueTask<LiveReadings> NextAsync(CancellationToken cancellationToken);
}

/// <param name="Missed">Frames that were skipped before these, because the reader was too slow.</param>
/// <param name="Channels">The columns, those that were asked for and that the block has.</param>
/// <param name="Page">Consecutive frames of one unit.</param>
public sealed record LiveReadings(long Missed, IReadOnlyList<QueryChannel> Channels, TelemetryPage Page);
