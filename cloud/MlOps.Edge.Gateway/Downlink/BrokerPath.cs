using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Link;

namespace MlOps.Edge.Gateway.Downlink;

/// <summary>Over a broker of somebody else's.</summary>
internal sealed class BrokerPath(BrokerLink link) : IDevicePath
{
    public Task AcknowledgeAsync(DeviceId device, byte[] json, CancellationToken cancellationToken) =>
        link.Current?.SendAsync(Topics.Acknowledgement(device), json, cancellationToken) ?? Task.CompletedTask;

    public Task DisconnectAsync(DeviceId device, string reason) => Task.CompletedTask;
}
