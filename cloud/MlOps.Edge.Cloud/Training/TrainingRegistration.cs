using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

namespace MlOps.Edge.Cloud.Training;

/// <summary>Registers what trains models: <see cref="TrainingPipeline"/> and <see cref="TrainerCatalog"/>.</summary>
internal static class TrainingRegistration
{
    public static IServiceCollection AddTraining(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, LightGbmTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITrainer, ManagedGbdtTrainer>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrainingOptions>, TrainingOptionsRanges>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrainingOptions>, TrainingOptionsNames>());
        services.AddOptions<TrainingOptions>().BindConfiguration(TrainingOptions.Section).ValidateOnStart();
        services.TryAddSingleton<TrainerCatalog>();
        services.TryAddSingleton(provider => new TrainingPipeline(
            provider.GetRequiredService<IOptions<TrainingOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
