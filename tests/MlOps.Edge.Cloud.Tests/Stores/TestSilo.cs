using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Sqlite;
using MlOps.Edge.Contracts;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>A silo on the real stores, with the device rooms and a downlink that remembers. It can be started again on the same folder.</summary>
public sealed class TestSilo : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-silo-");
    private InProcessTestCluster? _cluster;

    public RecordingDownlink Downlink { get; } = new();

    /// <summary>The blobs of whatever is assigned.</summary>
    public HashSet<Sha256Digest> Blobs { get; } = [];

    /// <summary>What stands before the telemetry store; null: nothing.</summary>
    public Func<ITelemetryStore, ITelemetryStore>? BeforeTelemetry { get; init; }

    public IGrainFactory Grains => _cluster!.Client;

    public IDeviceGrain Device(string id) => Grains.GetGrain<IDeviceGrain>(id);

    public T Get<T>()
        where T : notnull => _cluster!.Silos[0].ServiceProvider.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            if (BeforeTelemetry is { } before)
            {
                silo.Services.AddSingleton(services => before(services.GetRequiredService<SqliteTelemetryStore>()));
            }

            silo.AddSqliteStores(_folder.FullName);
            silo.Services.AddSingleton<IModelBlobs>(new FixedBlobs(Blobs));
            silo.Services.AddSingleton<IDeviceDownlink>(Downlink);
            silo.Services.AddDeviceRooms();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task RestartAsync()
    {
        await _cluster!.DisposeAsync();
        await InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private sealed class FixedBlobs(HashSet<Sha256Digest> blobs) : IModelBlobs
    {
        public Task<IReadOnlyCollection<Sha256Digest>> OfAsync(Assignment assignment) => Task.FromResult<IReadOnlyCollection<Sha256Digest>>([.. blobs]);
    }
}

/// <summary>Keeps what would have gone to the broker.</summary>
public sealed class RecordingDownlink : IDeviceDownlink
{
    private readonly Lock _gate = new();
    private readonly List<string> _sent = [];

    /// <summary>How many of the next calls fail.</summary>
    public int Failures { get; set; }

    public Task PublishDesiredAsync(DeviceId device, long epoch, Assignment assignment, CancellationToken cancellationToken) =>
        Record($"{device} desired {epoch}");

    public Task PublishBlobsAsync(IReadOnlyCollection<Sha256Digest> blobs, bool again, CancellationToken cancellationToken) =>
        blobs.Count == 0 ? Task.CompletedTask : Record($"{(again ? "again" : "once")} {string.Join(' ', blobs)}");

    public IReadOnlyList<string> Sent(string startingWith)
    {
        lock (_gate)
        {
            return [.. _sent.Where(s => s.StartsWith(startingWith, StringComparison.Ordinal))];
        }
    }

    private Task Record(string what)
    {
        lock (_gate)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new InvalidOperationException("the broker is away");
            }

            _sent.Add(what);
        }

        return Task.CompletedTask;
    }
}
