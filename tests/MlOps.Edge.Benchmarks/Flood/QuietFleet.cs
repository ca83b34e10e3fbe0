using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Flood;

/// <summary>Devices as they are on any day: each publishes a batch of a frame once a second, and waits for the persisted acknowledgement.</summary>
internal sealed class QuietFleet : IDisposable
{
    private const int Window = 64;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);
    private static readonly LoadShape Shape = new("flood", ChannelShape.All.Count, 1);

    private readonly Stopwatches _watch = new();
    private readonly TelemetryDevice[] _devices;
    private readonly CancellationTokenSource _over = new();
    private Task _listening = Task.CompletedTask;

    public QuietFleet(int devices, int seed)
    {
        var signal = new ReferenceSignal(seed);
        _devices = [.. Enumerable.Range(0, devices).Select(number => new TelemetryDevice(number, Shape, signal, _watch, Window))];
    }

    public async Task ConnectAsync(int port, CancellationToken cancellationToken)
    {
        foreach (var device in _devices)
        {
            await device.ConnectAsync(port, cancellationToken);
        }

        _listening = Task.WhenAll(_devices.Select(device => Task.Run(() => device.ListenAsync(_over.Token, cancellationToken), CancellationToken.None)));
        _watch.Begin();
    }

    /// <summary>Publishes for a while, and waits until all of it is stored.</summary>
    /// <returns>From publication to the persisted acknowledgement, milliseconds, ascending.</returns>
    /// <exception cref="BenchmarkException">A device was refused, or nothing became durable for a minute.</exception>
    public async Task<double[]> RunAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        int[] before = [.. _devices.Select(device => device.Latencies.Count)];
        using var timer = new PeriodicTimer(Poll, TimeProvider.System);
        var (began, published) = (TimeProvider.System.GetTimestamp(), 0L);
        while (TimeProvider.System.GetElapsedTime(began) < time && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (long)(TimeProvider.System.GetElapsedTime(began).TotalSeconds * _devices.Length); published < due; published++)
            {
                await _devices[(int)(published % _devices.Length)].PublishOneAsync(cancellationToken);
            }
        }

        await SettledAsync(cancellationToken);
        return [.. _devices.SelectMany((device, i) => device.Latencies.Skip(before[i])).Order()];
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await _listening;
        foreach (var device in _devices)
        {
            await device.LeaveAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _over.Dispose();
        foreach (var device in _devices)
        {
            device.Dispose();
        }
    }

    private async Task SettledAsync(CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (_devices.Any(device => device.Stored < device.Published * Shape.Readings))
        {
            if (_listening.IsFaulted)
            {
                await _listening;
            }

            if (TimeProvider.System.GetElapsedTime(began) > Stalled)
            {
                throw new BenchmarkException($"Batches of quiet devices were not acknowledged for {Stalled.TotalSeconds} s.");
            }

            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }
}
