using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Broker;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace MlOps.Edge.Gateway.Tests;

/// <summary>A silo with the real stores, the device rooms, the gateway and its broker, on a free port and a folder of its own.</summary>
public class RunningCloud : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-gateway-");
    private InProcessTestCluster? _cluster;

    public int Port { get; } = FreePort();

    /// <summary>By device, what its clocks said with the last batch that reached its grain.</summary>
    public ConcurrentDictionary<string, string?> Clocks { get; } = new();

    /// <summary>The blobs of whatever is assigned.</summary>
    public HashSet<Sha256Digest> Blobs { get; } = [];

    protected virtual IEnumerable<KeyValuePair<string, string?>> Settings => [new("Gateway:Broker:Port", $"{Port}"), new("Gateway:Broker:MaxPayloadBytes", "65536")];

    protected virtual void Configure(ISiloBuilder silo)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings).Build();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddSqliteStores(_folder.FullName);
            silo.Services.AddSingleton<IModelBlobs>(new FixedBlobs(Blobs));
            silo.Services.AddSingleton<IModelSigningKey, TestKey>();
            silo.Services.AddDeviceRooms();
            silo.Services.AddGateway(configuration);
            silo.AddIncomingGrainCallFilter(call =>
            {
                if (call.Request.GetArgumentCount() == 1 && call.Request.GetArgument(0) is IngestBatch[] and [.., var batch])
                {
                    Clocks[call.TargetId.Key.ToString()!] = batch.Clock;
                }

                return call.Invoke();
            });
            Configure(silo);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public T Get<T>()
        where T : notnull => _cluster!.Silos[0].ServiceProvider.GetRequiredService<T>();

    public IDeviceGrain Device(string id) => _cluster!.Client.GetGrain<IDeviceGrain>(id);

    public Task<TelemetryTotals> CountAsync() => Get<ITelemetryStore>().CountAsync(TestContext.Current.CancellationToken);

    public virtual async Task RestartBrokerAsync()
    {
        var broker = Get<IEnumerable<IHostedService>>().OfType<EmbeddedBroker>().Single();
        await broker.StopAsync(CancellationToken.None);
        await broker.StartAsync(CancellationToken.None);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>One that nobody listens on, from below those that systems give to outgoing connections.</summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(10_000, 20_000));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken; another one is not.
            }
        }
    }

    private sealed class FixedBlobs(HashSet<Sha256Digest> blobs) : IModelBlobs
    {
        public Task<IReadOnlyCollection<Sha256Digest>> OfAsync(Assignment assignment) => Task.FromResult<IReadOnlyCollection<Sha256Digest>>([.. blobs]);
    }

    private sealed class TestKey : IModelSigningKey
    {
        public string PublicKeyPem => "the key of this test";

        public byte[] Sign(string subject, Sha256Digest manifest, Sha256Digest model) => throw new NotSupportedException("nothing is signed here");
    }
}
