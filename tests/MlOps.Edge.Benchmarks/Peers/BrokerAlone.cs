using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Ingest;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>
/// mosquitto by itself under a load of so many messages a second: it acknowledges each, passes it on to one subscriber with QoS 0, and keeps nothing. What
/// any way through a broker costs at the least.
/// </summary>
internal sealed class BrokerAlone(LoadShape shape, IngestOptions options)
{
    public const string Name = "mosquitto";
    public const string Text = "mosquitto alone, passing on";

    /// <returns>Figures, or why there are none; its readings are those that were passed on.</returns>
    public async Task<PeerFigures> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var folder = new WorkFolder();
            await using var broker = await MosquittoBroker.StartAsync(folder.Path, cancellationToken);
            return await RunAsync(broker, cancellationToken);
        }
        catch (Exception e) when (e is PeerSkippedException or BenchmarkException)
        {
            return new(Name) { Skipped = e.Message };
        }
    }

    private async Task<PeerFigures> RunAsync(MosquittoBroker broker, CancellationToken cancellationToken)
    {
        using var subscriber = new MqttSession();
        await subscriber.OpenAsync(broker.Port, MqttPacket.Connect("subscriber", null, []), MqttPacket.Subscribe(["plant/#"], MqttPacket.AtMostOnce), cancellationToken);
        JsonDevice[] devices = [.. Enumerable.Range(0, options.Devices).Select(number => new JsonDevice(number, shape, options.Signal, () => true))];
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var passed = 0L;
        var listening = ListenAsync(subscriber, () => Interlocked.Increment(ref passed), ended.Token);
        try
        {
            var load = new LoadRun(devices, new(), () => Volatile.Read(ref passed) * shape.Readings, () => ProcessSample.Of([broker.Id]), options.Times);
            var figures = await load.RunAsync(broker.Port, cancellationToken);
            return new(Name) { CpuSecondsPerMillion = figures.CpuSecondsPerMillion, ReadingsPerSecond = figures.PerSecond, PeakMemoryBytes = figures.Server.PeakBytes };
        }
        finally
        {
            await ended.CancelAsync();
            await listening;
            foreach (var device in devices)
            {
                device.Dispose();
            }
        }
    }

    private static async Task ListenAsync(MqttSession subscriber, Action passed, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await subscriber.ReceiveAsync(_ => passed(), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The load is over.
        }
    }
}
