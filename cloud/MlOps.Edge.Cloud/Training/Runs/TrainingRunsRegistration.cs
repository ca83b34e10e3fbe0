using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training.Snapshots;

namespace MlOps.Edge.Cloud.Training.Runs;

public static class TrainingRunsRegistration
{
    /// <summary>Snapshots, runs, and the worker that does them. Needs the stores and the registry room.</summary>
    public static IServiceCollection AddTrainingRuns(this IServiceCollection services)
    {
        services.AddTraining();
        services.AddOptions<DeviceBudgetOptions>().BindConfiguration(DeviceBudgetOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DeviceBudgetOptions>, DeviceBudgetOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<UnitHistories>();
        services.TryAddSingleton<SnapshotTaker>();
        services.TryAddSingleton<SnapshotReader>();
        services.TryAddSingleton<RunSnapshots>();
        services.TryAddSingleton<RunArtifacts>();
        services.TryAddSingleton<TrainingJob>();
        services.TryAddSingleton<TrainingQueue>();
        services.AddHostedService<TrainingWorker>();
        return services;
    }
}
