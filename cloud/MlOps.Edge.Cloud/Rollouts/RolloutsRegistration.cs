using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Rollouts.Gates;

namespace MlOps.Edge.Cloud.Rollouts;

public static class RolloutsRegistration
{
    /// <summary>Rollouts in waves. Needs a telemetry store, an event log and grain storage.</summary>
    public static IServiceCollection AddRollouts(this IServiceCollection services)
    {
        // A new gate is one class beside these and one line here. Evidence is listed in this order.
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IWaveGate, PredictionHealthGate>(),
            ServiceDescriptor.Singleton<IWaveGate, ChampionComparisonGate>(),
            ServiceDescriptor.Singleton<IWaveGate, FieldErrorGate>(),
        ]);
        services.TryAddSingleton<EvidenceReader>();
        services.TryAddSingleton<WaveQuality>();

        services.AddOptions<RolloutOptions>().BindConfiguration(RolloutOptions.Section).ValidateOnStart();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IValidateOptions<RolloutOptions>, RolloutOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<RolloutOptions>, WaveSharesMustGrow>(),
        ]);
        return services;
    }
}
