using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Uplink;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>What devices say to the embedded broker, taken where it comes in: it does not cross MQTT a second time.</summary>
internal sealed class DirectUplink(UplinkIntake intake, Quarantines quarantines, TimeProvider clock)
{
    /// <summary>
    /// How long the connection of a device in quarantine waits for its answer: less than a device's patience. A payload that is too large ends the connection only when the broker has read
    /// it all, so who sends one on each connection is not let in faster than that.
    /// </summary>
    public static readonly TimeSpan QuarantinedConnect = TimeSpan.FromSeconds(3);

    /// <summary>Returns when the client may be let in.</summary>
    public Task ConnectingAsync(string clientId) =>
        DeviceId.TryParse(clientId, null, out var device) && quarantines.IsKnown(device) ? Task.Delay(QuarantinedConnect, clock) : Task.CompletedTask;

    /// <summary>
    /// Waits until the message has a place. The broker reads the next packet of this client only then, so that who sends faster than the
    /// cloud stores is held up, and nobody else. The broker's own answer (PUBACK) is no promise, so it may come before the commit.
    /// </summary>
    public async Task TakeAsync(InterceptingPublishEventArgs publish, DeviceId device, UpSubject subject)
    {
        // A status stays with the broker as well, retained: whoever is allowed to look there finds it.
        publish.ProcessPublish = subject == UpSubject.Status;
        var uplink = UplinkMessage.From(publish.ApplicationMessage, device, subject, clock.GetTimestamp(), static () => Task.CompletedTask);
        try
        {
            await intake.TakeAsync(uplink, wait: true);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; the device says it again to the next one.
        }
    }

    /// <summary>Counts a message that is larger than the broker takes.</summary>
    public Task TooLargeAsync(string clientId, long bytes) =>
        DeviceId.TryParse(clientId, null, out var device) ? quarantines.CountUnreadableAsync(device, $"{bytes} bytes at once") : Task.CompletedTask;
}
