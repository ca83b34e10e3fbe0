using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift.Detectors;

namespace MlOps.Edge.Cloud.Drift;

public static class DriftRegistration
{
    public static IServiceCollection AddDrift(this IServiceCollection services)
    {
        // A new detector is one class beside these and one line here.
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IDriftDetector, RankShift>(),
            ServiceDescriptor.Singleton<IDriftDetector, JensenShannon>(),
            ServiceDescriptor.Singleton<IDriftDetector, PopulationStabilityIndex>(),
            ServiceDescriptor.Singleton<IDriftDetector, KolmogorovSmirnov>(),
        ]);

        services.AddOptions<DriftOptions>().BindConfiguration(DriftOptions.Section).ValidateOnStart();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IValidateOptions<DriftOptions>, DriftOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DriftOptions>, DriftDetectorsMustExist>(),
        ]);

        services.TryAddSingleton<DriftMonitorFactory>();
        return services;
    }
}
