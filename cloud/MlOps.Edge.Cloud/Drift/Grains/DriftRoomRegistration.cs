using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Drift.Grains;

public static class DriftRoomRegistration
{
    /// <summary>The drift room with its detectors. Needs the stores, the registry room and the fleet.</summary>
    public static IServiceCollection AddDriftRoom(this IServiceCollection services)
    {
        services.AddDrift();
        services.AddOptions<LabelOptions>().BindConfiguration(LabelOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LabelOptions>, LabelOptionsValidator>());
        services.TryAddSingleton<ChampionWatches>();
        services.TryAddSingleton<SketchIntake>();
        services.TryAddSingleton<FailureLabels>();
        services.TryAddSingleton<StatusWriter>();
        services.TryAddSingleton<DriftRoom>();
        return services;
    }
}
