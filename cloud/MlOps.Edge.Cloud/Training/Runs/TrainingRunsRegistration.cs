using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

namespace MlOps.Edge.Cloud.Training.Runs;

public static class TrainingRunsRegistration
{
    /// <summary>Snapshots, runs, and the worker that does them. Needs the stores and the registry room.</summary>
    public static IServiceCollection AddTrainingRuns(this IServiceCollection services)
    {
        // A new trainer is one class beside these and one line here.
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<ITrainer, LightGbmTrainer>(),
            ServiceDescriptor.Singleton<ITrainer, ManagedGbdtTrainer>(),
        ]);
        services.AddOptions<TrainingOptions>().BindConfiguration(TrainingOptions.Section).ValidateOnStart();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IValidateOptions<TrainingOptions>, TrainingOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<TrainingOptions>, TrainersMustExist>(),
        ]);
        services.AddOptions<DeviceBudgetOptions>().BindConfiguration(DeviceBudgetOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DeviceBudgetOptions>, DeviceBudgetOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<UnitHistories>();
        services.TryAddSingleton<SnapshotTaker>();
        services.TryAddSingleton<SnapshotReader>();
        services.TryAddSingleton<TrainingRoom>();
        services.TryAddSingleton<RunSnapshots>();
        services.TryAddSingleton<RunArtifacts>();
        services.TryAddSingleton<TrainingJob>();
        services.TryAddSingleton<TrainingQueue>();
        services.AddHostedService<TrainingWorker>();
        return services;
    }
}
