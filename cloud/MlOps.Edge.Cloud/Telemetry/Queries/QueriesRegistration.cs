using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlOps.Edge.Cloud.Fleets;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

public static class QueriesRegistration
{
    /// <summary>Answers about readings, and the feed of new ones. They need the stores and the grain factory.</summary>
    public static IServiceCollection AddTelemetryQueries(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new UnitSelection(
            provider.GetRequiredService<ITelemetryStore>(), selector => provider.GetRequiredService<IGrainFactory>().GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(selector)));
        services.TryAddSingleton<RangePlanner>();
        services.TryAddSingleton<RangeReader>();
        services.TryAddSingleton<ITelemetryQueries, TelemetryQueries>();
        services.TryAddSingleton<ITelemetryFeed, LiveFeed>();
        return services;
    }
}
