using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Flood;

/// <summary>Devices that publish as fast as they may, as after an outage: then the cloud has compiled what it runs, and has the memory that it works with.</summary>
internal static class DayOfWork
{
    private const int Devices = 100;
    private const int Window = 64;
    private static readonly LoadShape Shape = new("work", ChannelShape.All.Count, 2);

    /// <param name="firstNumber">Of the devices' names.</param>
    /// <returns>When all that was published is stored.</returns>
    public static async Task RunAsync(int port, int firstNumber, int seed, TimeSpan time, CancellationToken cancellationToken)
    {
        var (signal, watch) = (new ReferenceSignal(seed), new Stopwatches());
        TelemetryDevice[] devices = [.. Enumerable.Range(firstNumber, Devices).Select(number => new TelemetryDevice(number, Shape, signal, watch, Window))];
        try
        {
            foreach (var device in devices)
            {
                await device.ConnectAsync(port, cancellationToken);
            }

            using var stop = new CancellationTokenSource(time, TimeProvider.System);
            await Task.WhenAll(devices.Select(device => Task.Run(() => device.FloodAsync(stop.Token, cancellationToken), CancellationToken.None)));
            foreach (var device in devices)
            {
                await device.LeaveAsync(cancellationToken);
            }
        }
        finally
        {
            foreach (var device in devices)
            {
                device.Dispose();
            }
        }
    }
}
