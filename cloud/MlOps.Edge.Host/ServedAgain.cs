using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Host;

/// <summary>Stops the host, and remembers that it is to be started again.</summary>
internal sealed class ServedAgain(IHostApplicationLifetime lifetime) : ICloudRestart
{
    public bool IsRequested { get; private set; }

    public void Request()
    {
        IsRequested = true;
        lifetime.StopApplication(); // answers that are on their way are still given
    }
}
