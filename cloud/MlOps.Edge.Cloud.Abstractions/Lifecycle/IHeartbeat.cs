namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>
/// Moves the loop: for every model, in order of name, drift is evaluated and the lifecycle takes a turn. In real time a service
/// calls it; in virtual time whoever owns the clock does, once all data up to the watermark are stored.
/// </summary>
public interface IHeartbeat
{
    /// <summary>Returns when every decision of this watermark is taken, stored and published. Watermarks that do not grow do nothing.</summary>
    Task AdvanceAsync(DateTimeOffset watermark, CancellationToken cancellationToken);
}
