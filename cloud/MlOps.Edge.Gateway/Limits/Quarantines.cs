using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Monitoring;

namespace MlOps.Edge.Gateway.Limits;

/// <summary>Which devices are held to their limits, and which are in quarantine. The grain of a device keeps that; this remembers what it said.</summary>
internal sealed partial class Quarantines(IGrainFactory grains, IDevicePath path, IOptions<GatewayOptions> options, GatewayMetrics metrics, TimeProvider clock, ILogger<Quarantines> logger)
{
    // A device needs half a kilobyte here; beyond so many, those who have rested are forgotten.
    private const int SweepAt = 20_000;

    private const string Iso8601 = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private readonly ConcurrentDictionary<DeviceId, DeviceGuard> _guards = new();
    private long _swept;

    /// <summary>Devices known to be in quarantine.</summary>
    public int Count => _guards.Values.Count(guard => guard.Quarantine is not null);

    /// <summary>Counts a connect, and tells whether the device is known here to be in quarantine, or connects all the time. Asks nobody.</summary>
    public bool IsUnwelcome(DeviceId device)
    {
        var guard = Of(device);
        return guard.CountConnect() || guard.Quarantine is not null;
    }

    public DeviceGuard Of(DeviceId device)
    {
        if (_guards.TryGetValue(device, out var guard))
        {
            return guard;
        }

        Sweep();
        return _guards.GetOrAdd(device, _ => new DeviceGuard(options.Value.Limits, clock));
    }

    /// <summary>Whether the device's telemetry is to be left alone. Asks the grain where that is not known, or may have changed.</summary>
    public async Task<bool> IsQuarantinedAsync(DeviceId device, DeviceGuard guard)
    {
        if (guard.MustLook())
        {
            try
            {
                guard.Learn(await Grain(device).GetQuarantineAsync(clock.GetUtcNow()));
            }
#pragma warning disable CA1031 // Whatever keeps the grain from answering keeps it from taking the batch as well, and that is logged.
            catch (Exception)
#pragma warning restore CA1031
            {
                guard.Forget();
            }
        }

        return guard.Quarantine is not null;
    }

    /// <summary>Counts a message that nobody can read, and acts on one too many.</summary>
    public async Task CountUnreadableAsync(DeviceId device, string reason)
    {
        var guard = Of(device);
        if (guard.CountUnreadable() && guard.Quarantine is null)
        {
            var limits = options.Value.Limits;
            await BeginAsync(device, guard, $"more than {limits.UnreadableBurst} messages that cannot be taken, and {limits.UnreadablePerMinute} a minute since; the last: {reason}");
        }
    }

    public Task BeginFloodAsync(DeviceId device, DeviceGuard guard)
    {
        var limits = options.Value.Limits;
        return BeginAsync(device, guard, $"more than {limits.MessagesPerSecond} messages or {limits.BytesPerSecond} bytes a second for {limits.MaxTimeAtLimit.TotalSeconds:0.#} s");
    }

    // A device that cannot be put into quarantine stays at its limits, and the next message tries again.
    private async Task BeginAsync(DeviceId device, DeviceGuard guard, string reason)
    {
        try
        {
            var quarantine = await Grain(device).QuarantineAsync(reason, clock.GetUtcNow());
            guard.Learn(quarantine);
            metrics.QuarantineBegan();
            LogQuarantined(device, quarantine.Until.UtcDateTime.ToString(Iso8601, CultureInfo.InvariantCulture), quarantine.Reason);
            await path.DisconnectAsync(device, quarantine.Reason);
        }
#pragma warning disable CA1031 // Whatever it is, it must not reach the broker's connection.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotQuarantined(e, device);
        }
    }

    private IDeviceGrain Grain(DeviceId device) => grains.GetGrain<IDeviceGrain>(device.ToString());

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        if (_guards.Count < SweepAt || clock.GetElapsedTime(Interlocked.Read(ref _swept), now) < TimeSpan.FromMinutes(1))
        {
            return;
        }

        Interlocked.Exchange(ref _swept, now);
        foreach (var (device, guard) in _guards)
        {
            if (guard.IsRested)
            {
                _guards.TryRemove(device, out _);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Device {Device} is in quarantine until {Until}: {Reason}")]
    private partial void LogQuarantined(DeviceId device, string until, string reason);

    [LoggerMessage(LogLevel.Error, "Device {Device} could not be put into quarantine")]
    private partial void LogNotQuarantined(Exception error, DeviceId device);
}
