using System.Text;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Link;

namespace MlOps.Edge.Gateway.Downlink;

/// <summary>Says everything again to a broker that may have forgotten it, or remembers what is no longer true.</summary>
internal sealed partial class Announcer(IGrainFactory grains, IModelSigningKey key, TimeProvider clock, ILogger<Announcer> logger)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Returns when it is said, or the connection has ended.</summary>
    public async Task RunAsync(BrokerConnection connection, CancellationToken cancellationToken)
    {
        await PublishKeyAsync(connection, cancellationToken);
        var devices = await FleetAsync(cancellationToken);
        await Parallel.ForEachAsync(
            devices, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, (device, token) => AnnounceAsync(device, token));
    }

    private async Task PublishKeyAsync(BrokerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.PublishRetainedAsync(Topics.ModelSigningKey, Encoding.UTF8.GetBytes(key.PublicKeyPem), cancellationToken);
        }
        catch (GatewayException e)
        {
            // Devices that know the key already can still be told what to run.
            LogNoKey(e.Message);
        }
    }

    // At the start of the cloud the silo may be a moment behind the gateway.
    private async Task<DeviceSummary[]> FleetAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new FleetSelector());
            }
#pragma warning disable CA1031 // Whatever it is, the devices wait to hear what they should run.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (attempt == 1)
                {
                    LogNoFleet(e);
                }
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async ValueTask AnnounceAsync(DeviceSummary device, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IDeviceGrain>(device.Id).AnnounceAsync();
        }
#pragma warning disable CA1031 // One device whose state cannot be said must not keep the others waiting.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotAnnounced(e, device.Id);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The list of devices cannot be read yet; trying again")]
    private partial void LogNoFleet(Exception error);

    [LoggerMessage(LogLevel.Error, "The model signing key could not be published: {Reason}")]
    private partial void LogNoKey(string reason);

    [LoggerMessage(LogLevel.Error, "What device {Device} should run could not be published")]
    private partial void LogNotAnnounced(Exception error, string device);
}
