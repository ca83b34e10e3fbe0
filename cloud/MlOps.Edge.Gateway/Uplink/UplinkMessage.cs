using System.Buffers;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Link;
using MQTTnet;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>Something a device said. The device is the topic's word, which the broker vouches for.</summary>
/// <param name="Done">Tells the broker that the cloud has it.</param>
internal sealed record UplinkMessage(DeviceId Device, UpSubject Subject, byte[] Payload, Func<Task> Done)
{
    /// <summary>Null: the topic means nothing here.</summary>
    public static UplinkMessage? From(MqttApplicationMessageReceivedEventArgs received) =>
        Topics.TryParseUp(received.ApplicationMessage.Topic, out var device, out var subject)
            ? new(device, subject, received.ApplicationMessage.Payload.ToArray(), () => AcknowledgeAsync(received))
            : null;

    private static async Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        try
        {
            await received.AcknowledgeAsync(CancellationToken.None);
        }
        catch (Exception e) when (LinkLoss.Is(e))
        {
            // The connection it came by is gone, and with it the broker's interest.
        }
    }
}
