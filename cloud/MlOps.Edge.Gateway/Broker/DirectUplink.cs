using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Uplink;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>What devices say to the embedded broker, taken where it comes in: it does not cross MQTT a second time.</summary>
internal sealed class DirectUplink(UplinkIntake intake, Quarantines quarantines, WaitingRoom waiting, TimeProvider clock)
{
    /// <summary>Returns when the client may be let in: one in quarantine, or one that connects all the time, waits.</summary>
    /// <returns>False: too many wait, and this one is not let in.</returns>
    public Task<bool> ConnectingAsync(string clientId) =>
        DeviceId.TryParse(clientId, null, out var device) && quarantines.IsUnwelcome(device) ? waiting.WaitAsync() : Task.FromResult(true);

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

    /// <summary>Counts what a client may not send.</summary>
    /// <param name="clientId">Null: somebody who has not said who it is; the connection of one ends late.</param>
    public Task RefusedAsync(string? clientId, string reason) => clientId is null
        ? waiting.WaitAsync()
        : DeviceId.TryParse(clientId, null, out var device) ? quarantines.CountUnreadableAsync(device, reason) : Task.CompletedTask;
}
