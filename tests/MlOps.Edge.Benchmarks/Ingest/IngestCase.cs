using MlOps.Edge.Benchmarks.Disk;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Peers;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Ingest;

/// <summary>What <c>ingest</c> was asked for.</summary>
/// <param name="Store">One of <see cref="IngestCase.Stores"/>.</param>
internal sealed record IngestOptions(int Devices, bool EmbeddedBroker, string Store, LoadTimes Times, ReferenceSignal Signal);

/// <summary>One load against the cloud: from published to durable, acknowledged, found again in the store, and compacted.</summary>
internal sealed class IngestCase(LoadShape shape, IngestOptions options)
{
    // An agent's window; with many devices less, so that the broker's queue for the gateway holds what all of them have on the way.
    private const int AgentWindow = 64;
    private const int MostOnTheWay = 8000;

    private const string Sqlite = "sqlite";
    private const string Postgres = "postgres";

    /// <summary>Where telemetry may be kept, by name; the first is the cloud's own choice.</summary>
    public static IReadOnlyList<string> Stores { get; } = [Sqlite, Postgres];

    public async Task<CaseFigures> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        var watch = new Stopwatches();
        var window = Math.Clamp(MostOnTheWay / options.Devices, 1, AgentWindow);
        TelemetryDevice[] devices = [.. Enumerable.Range(0, options.Devices).Select(number => new TelemetryDevice(number, shape, options.Signal, watch, window))];
        try
        {
            await using IMeasuredStore store = options.Store == Postgres ? await PostgresMeasuredStore.StartAsync(folder, cancellationToken) : new SqliteMeasuredStore(folder["cloud"]);
            var figures = await LoadAsync(folder, store, devices, watch, cancellationToken);
            return await InspectAsync(store, devices, figures, cancellationToken);
        }
        finally
        {
            foreach (var device in devices)
            {
                device.Dispose();
            }
        }
    }

    private async Task<LoadFigures> LoadAsync(WorkFolder folder, IMeasuredStore store, TelemetryDevice[] devices, Stopwatches watch, CancellationToken cancellationToken)
    {
        await using var broker = options.EmbeddedBroker ? null : await MosquittoBroker.StartAsync(folder.Path, cancellationToken);
        await using var cloud = await ServedCloud.StartAsync(folder["cloud"], broker?.Port, store.CloudSettings);
        var servers = broker is null ? [cloud.Id] : (int[])[cloud.Id, broker.Id];
        var figures = await new LoadRun(devices, watch, () => devices.Sum(device => device.Stored), () => ProcessSample.Of(servers) + store.Used(), options.Times).RunAsync(cloud.MqttPort, cancellationToken);
        await cloud.StopAsync();
        return figures;
    }

    private async Task<CaseFigures> InspectAsync(IMeasuredStore store, TelemetryDevice[] devices, LoadFigures load, CancellationToken cancellationToken)
    {
        var stored = new StoredSignal(options.Signal, devices.Select(device => device.ToPublished()));
        double readings = await stored.VerifyAsync(store, cancellationToken);
        var ingested = await store.InUseAsync(cancellationToken);
        var upkeep = await Upkeep.RunAsync(store, cancellationToken);
        var compacted = await store.VacuumedAsync(cancellationToken);
        var verified = await stored.VerifyAsync(store, cancellationToken);
        double[] latencies = [.. devices.SelectMany(device => device.Latencies).Order()];
        return new()
        {
            Case = shape.Name,
            Load = shape.Text,
            ReadingsPerSecond = load.PerSecond,
            CpuSecondsPerMillion = load.CpuSecondsPerMillion,
            GeneratorCpuSecondsPerMillion = load.GeneratorCpuSecondsPerMillion,
            BytesPerReading = compacted.Readings / readings,
            BytesPerReadingAsIngested = ingested / readings,
            RollupBytesPerReading = compacted.Rollups / readings,
            UpkeepCpuSecondsPerMillion = upkeep / readings * 1e6,
            P50Ms = Percentile.Of(latencies, 0.5),
            P99Ms = Percentile.Of(latencies, 0.99),
            PeakMemoryBytes = load.Server.PeakBytes,
            ReadingsVerified = verified,
        };
    }
}
