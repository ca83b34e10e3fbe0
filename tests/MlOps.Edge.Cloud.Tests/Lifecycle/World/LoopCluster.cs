using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.TestingHost;

namespace MlOps.Edge.Cloud.Tests.Lifecycle.World;

/// <summary>One silo with the real rollouts and lifecycle in a <see cref="LoopWorld"/>.</summary>
public sealed class LoopCluster : IAsyncDisposable
{
    private static readonly Type[] Rooms =
    [
        typeof(RolloutGrain), typeof(RolloutCatalogGrain), typeof(LifecycleGrain),
        typeof(WorldDevice), typeof(WorldFleet), typeof(WorldModel), typeof(WorldCatalog), typeof(WorldDrift), typeof(WorldTraining),
    ];

    private readonly InProcessTestCluster _cluster;

    private LoopCluster(InProcessTestCluster cluster, LoopWorld world) => (_cluster, World) = (cluster, world);

    public LoopWorld World { get; }

    public IGrainFactory Grains => _cluster.Client;

    internal IHeartbeat Heartbeat => _cluster.Silos[0].ServiceProvider.GetRequiredService<IHeartbeat>();

    public static async Task<LoopCluster> StartAsync(int devices)
    {
        var world = new LoopWorld();
        world.AddDevices(devices);
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => ActivatorUtilities.CreateInstance<WorldStorage>(services));
            silo.Services.AddSingleton(world).AddSingleton<ITelemetryStore>(world).AddSingleton<IEventLog>(world).AddSingleton<IMaintenanceLog>(world);
            silo.Services.AddRollouts().AddLifecycle().AddTraining();

            // The other rooms' own grains stay outside: these tests are about what is asked of them.
            silo.Services.PostConfigure<GrainTypeOptions>(o => o.Classes.RemoveWhere(c => c.Namespace?.StartsWith("MlOps.", StringComparison.Ordinal) == true && !Rooms.Contains(c)));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster, world);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
