using MlOps.Edge.Contracts;

namespace MlOps.Edge.Gateway.Downlink;

/// <summary>The short way to one device that is connected now. What does not arrive is said again.</summary>
internal interface IDevicePath
{
    /// <summary>Sends an acknowledgement, QoS 0, not retained.</summary>
    Task AcknowledgeAsync(DeviceId device, byte[] json, CancellationToken cancellationToken);

    /// <summary>Ends the device's connection, where this process is the broker.</summary>
    Task DisconnectAsync(DeviceId device, string reason);
}
