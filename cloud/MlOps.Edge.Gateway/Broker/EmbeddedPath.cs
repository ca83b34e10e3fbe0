using System.Buffers;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Downlink;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// Straight into the session of the device, whose id is its client id. A publication would be compared with the subscriptions of every
/// client there is.
/// </summary>
internal sealed class EmbeddedPath : IDevicePath
{
    private volatile MqttServer? _server;

    /// <summary>The broker while it runs; null otherwise.</summary>
    public MqttServer? Server
    {
        get => _server;
        set => _server = value;
    }

    public async Task AcknowledgeAsync(DeviceId device, byte[] json, CancellationToken cancellationToken)
    {
        if (await SessionAsync(device) is { } session)
        {
            session.TryEnqueueApplicationMessage(
                new MqttApplicationMessage { Topic = Topics.Acknowledgement(device), Payload = new ReadOnlySequence<byte>(json) }, out _);
        }
    }

    public async Task DisconnectAsync(DeviceId device, string reason)
    {
        try
        {
            if (_server is { } server)
            {
                await server.DisconnectClientAsync(device.ToString(), new() { ReasonCode = MqttDisconnectReasonCode.QuotaExceeded, ReasonString = reason });
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            // It has left by itself.
        }
    }

    private async Task<MqttSessionStatus?> SessionAsync(DeviceId device)
    {
        try
        {
            return _server is { } server ? await server.GetSessionAsync(device.ToString()) : null;
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
    }

    // How MQTTnet says that there is no such client, or no broker any more.
    private static bool IsGone(Exception error) => error is InvalidOperationException or ObjectDisposedException;
}
