using Microsoft.Extensions.Options;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>Where everything that devices say comes in, whichever way: straight from the embedded broker, or by the connection to another one.</summary>
internal sealed class UplinkIntake(UplinkHandler handler, IOptions<GatewayOptions> options, TimeProvider clock) : IDisposable
{
    /// <summary>What is taken and not yet stored.</summary>
    public DeviceLanes Lanes { get; } = new(options.Value, clock, handler.HandleAsync);

    /// <summary>Returns when the message is in its device's lane, or dropped: the device sends again what is not acknowledged.</summary>
    /// <param name="wait">Whether waiting holds up this device only.</param>
    /// <exception cref="OperationCanceledException">The gateway stops.</exception>
    public async Task TakeAsync(UplinkMessage message, bool wait)
    {
        if (!await Lanes.AddAsync(message, wait))
        {
            await message.Done();
        }
    }

    /// <summary>Takes nothing more: what comes now is left to the devices, who have it still.</summary>
    public void Stop() => Lanes.Stop();

    public void Dispose() => Lanes.Dispose();
}
