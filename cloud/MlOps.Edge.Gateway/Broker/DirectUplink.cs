using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Uplink;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>What devices say to the embedded broker, taken where it comes in: it does not cross MQTT a second time.</summary>
internal sealed class DirectUplink(UplinkIntake intake, Quarantines quarantines, TimeProvider clock)
{
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
