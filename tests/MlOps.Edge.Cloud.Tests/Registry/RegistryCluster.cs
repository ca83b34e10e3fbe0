using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Tests.Events;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace MlOps.Edge.Cloud.Tests.Registry;

/// <summary>One silo with the registry room, its stores in memory.</summary>
public sealed class RegistryCluster : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-").FullName;
    private InProcessTestCluster? _cluster;

    internal InMemoryArtifacts Artifacts { get; } = new();

    internal InMemoryEventLog Log { get; } = new();

    internal ModelSigningKey Key { get; private set; } = null!;

    internal IModelGrain Model(string name) => _cluster!.Client.GetGrain<IModelGrain>(name);

    internal IModelCatalogGrain Catalog => _cluster!.Client.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default);

    public async ValueTask InitializeAsync()
    {
        Key = new(Path.Combine(_folder, "keys", "model-signing.pem"));
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorageAsDefault();
            silo.Services
                .AddSingleton<IArtifactStore>(Artifacts)
                .AddSingleton<IEventLog>(Log)
                .AddSingleton<IModelSigningKey>(Key)
                .AddRegistry();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        Key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
