using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Ingest;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>The same load against a peer.</summary>
internal sealed class PeerCase(Peer peer, LoadShape shape, IngestOptions options, string packages)
{
    // What a database may be behind, in frames: several of its bridge's batches, so that it never waits for devices.
    private const int FramesOnTheWay = 40_000;

    /// <returns>Figures, or why there are none.</returns>
    public async Task<PeerFigures> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var folder = new WorkFolder();
            await using var running = await RunningPeer.StartAsync(peer, folder, packages, cancellationToken);
            return await RunAsync(running, folder, cancellationToken);
        }
        catch (Exception e) when (e is PeerSkippedException or BenchmarkException)
        {
            // What the cloud showed counts without a peer that does not start or falls over.
            return new(peer.Name) { Skipped = e.Message };
        }
    }

    private async Task<PeerFigures> RunAsync(RunningPeer running, WorkFolder folder, CancellationToken cancellationToken)
    {
        JsonDevice[] devices = [];
        long Published() => devices.Sum(device => device.Published) * shape.Frames;
        var room = true;
        devices = [.. Enumerable.Range(0, options.Devices).Select(number => new JsonDevice(number, shape, options.Signal, () => Volatile.Read(ref room)))];
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(() => Volatile.Write(ref room, Published() - running.Stored / shape.Channels < FramesOnTheWay), ended.Token);
        try
        {
            var load = await new LoadRun(devices, new(), () => running.Stored, () => ProcessSample.Of(running.Ids), options.Times).RunAsync(running.Port, cancellationToken);
            await running.StopAsync();
            return new(peer.Name)
            {
                CpuSecondsPerMillion = load.CpuSecondsPerMillion,
                ReadingsPerSecond = load.PerSecond,
                BytesPerReading = WorkFolder.SizeOf(folder["data"]) / (double)running.Stored,
                PeakMemoryBytes = load.Server.PeakBytes,
            };
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
            foreach (var device in devices)
            {
                device.Dispose();
            }
        }
    }

    private static async Task WatchAsync(Action look, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                look();
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
    }
}
