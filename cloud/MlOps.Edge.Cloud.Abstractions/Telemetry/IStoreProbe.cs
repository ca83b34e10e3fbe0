namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Whether what devices send can be stored.</summary>
public interface IStoreProbe
{
    /// <summary>Writes to the disk what changes nothing.</summary>
    /// <exception cref="Exception">It cannot; the message says why.</exception>
    Task WriteAsync(CancellationToken cancellationToken);
}
