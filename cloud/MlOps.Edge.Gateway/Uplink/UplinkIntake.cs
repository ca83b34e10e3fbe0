using Microsoft.Extensions.Options;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Monitoring;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>Where everything that devices say comes in, whichever way: straight from the embedded broker, or by the connection to another one.</summary>
internal sealed class UplinkIntake : IDisposable
{
    // Who is in quarantine and goes on is not read any faster than that: nobody has to parse what nobody takes.
    private static readonly TimeSpan QuarantinedPace = TimeSpan.FromMilliseconds(100);

    // Who is at its limits is let through in small groups: a pause for each message would be too short for a timer, and be no pause.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stopping;
    private readonly CancellationToken _stopped;

    private readonly Quarantines _quarantines;
    private readonly GatewayMetrics _metrics;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;

    public UplinkIntake(UplinkHandler handler, Quarantines quarantines, GatewayMetrics metrics, IOptions<GatewayOptions> options, TimeProvider clock)
    {
        (_quarantines, _metrics, _patience, _clock) = (quarantines, metrics, options.Value.Patience, clock);
        Lanes = new(options.Value, clock, handler.HandleAsync);
        _stopping = new();
        _stopped = _stopping.Token;
    }

    /// <summary>What is taken and not yet stored.</summary>
    public DeviceLanes Lanes { get; }

    /// <summary>Returns when the message is in its device's lane, or dropped: the device sends again what is not acknowledged.</summary>
    /// <param name="wait">Whether waiting holds up this device only.</param>
    /// <exception cref="OperationCanceledException">The gateway stops.</exception>
    public async Task TakeAsync(UplinkMessage message, bool wait)
    {
        _metrics.Received(message.Subject, message.Payload.Length);
        var dropped = await WhyNotAsync(message, wait);
        if (dropped is null && !await Lanes.AddAsync(message, wait))
        {
            dropped = DropReason.Room;
        }

        if (dropped is { } reason)
        {
            _metrics.Dropped(reason);
            await message.Done();
        }
    }

    /// <summary>Takes nothing more: what comes now is left to the devices, who have it still.</summary>
    public void Stop()
    {
        _stopping.Cancel();
        Lanes.Stop();
    }

    public void Dispose()
    {
        Lanes.Dispose();
        _stopping.Dispose();
    }

    // Null: it may pass.
    private async Task<DropReason?> WhyNotAsync(UplinkMessage message, bool wait)
    {
        var guard = _quarantines.Of(message.Device);
        if (guard.Quarantine is not null)
        {
            if (wait)
            {
                await Task.Delay(QuarantinedPace, _clock, _stopped);
            }

            // Now and then one goes on, to see whether the quarantine is over.
            if (message.Subject == UpSubject.Telemetry && !guard.MayLook)
            {
                return DropReason.Quarantine;
            }
        }

        // Whether a device is there is always worth knowing; of what waits in a lane only the last word counts.
        return await RateAsync(message, guard, wait) || message.Subject == UpSubject.Status ? null : DropReason.Rate;
    }

    private async Task<bool> RateAsync(UplinkMessage message, DeviceGuard guard, bool wait)
    {
        var began = _clock.GetTimestamp();
        while (guard.Ask(message.Bytes) is { Ticks: > 0 } pause)
        {
            if (guard.IsFlooding && guard.Quarantine is null)
            {
                await _quarantines.BeginFloodAsync(message.Device, guard);
                return false;
            }

            if (!wait || _clock.GetElapsedTime(began) >= _patience)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromTicks(Math.Clamp(pause.Ticks, ShortestPause.Ticks, Math.Max(ShortestPause.Ticks, _patience.Ticks))), _clock, _stopped);
        }

        return true;
    }
}
