using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Grains;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Runs;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace MlOps.Edge.Cloud.Tests.Training.Runs;

/// <summary>One silo with registry, training and drift rooms on real stores, which can be stopped and started on the same folder.</summary>
internal sealed class TrainingCloud : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-training-");
    private InProcessTestCluster? _cluster;

    public IGrainFactory Grains => _cluster!.Client;

    public IModelGrain Model => Grains.GetGrain<IModelGrain>(WearingMachines.Definition.Name);

    public IDriftGrain Drift => Grains.GetGrain<IDriftGrain>(WearingMachines.Definition.Name);

    public FieldRecorder Field { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => _cluster!.GetSiloServiceProvider().GetRequiredService<T>();

    /// <param name="worker">False: runs are queued, and nobody works on them.</param>
    public static async Task<TrainingCloud> StartAsync(bool worker = true)
    {
        var cloud = new TrainingCloud();
        await cloud.OpenAsync(worker);
        return cloud;
    }

    public async Task RestartAsync(bool worker = true)
    {
        await _cluster!.DisposeAsync();
        await OpenAsync(worker);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task OpenAsync(bool worker)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddSqliteStores(_folder.FullName);
            silo.Services.AddRegistry().AddTrainingRuns().AddDriftRoom();
            silo.Services.Configure<RegistryOptions>(o => o.SigningKey = Path.Combine(_folder.FullName, "keys", "model-signing.pem"));
            silo.Services.Configure<DriftOptions>(o => o.QuietFleets = 100);
            silo.Services.AddSingleton<IOptions<TrainingOptions>>(Options.Create(new TrainingOptions
            {
                Trainer = "managed-gbdt",
                Boosting = new() { Trees = 30, RowsPerLeaf = 20 },
            }));
            if (!worker)
            {
                silo.Services.Remove(silo.Services.Single(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(TrainingWorker)));
            }
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Field = new(Get<ITelemetryStore>(), Get<IMaintenanceLog>(), WearingMachines.Definition, Field);
        await Model.DefineAsync(ModelDefinitions.Canonical(WearingMachines.Definition));
    }
}
