using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Telemetry.Upkeep;

public static class TelemetryRegistration
{
    /// <summary>Rollups, compaction and retention, by the wall clock. It needs a store with <see cref="ITelemetryUpkeep"/>.</summary>
    public static IServiceCollection AddTelemetryUpkeep(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>());
        services.AddHostedService<TelemetryUpkeepService>();
        return services;
    }
}
