using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Lifecycle;

public static class LifecycleRegistration
{
    /// <summary>The loop of every model. Whoever owns the clock calls <see cref="IHeartbeat"/>; in real time <see cref="AddRealTimeHeartbeat"/> does.</summary>
    public static IServiceCollection AddLifecycle(this IServiceCollection services)
    {
        services.TryAddSingleton<LabelCount>();
        services.TryAddSingleton<IHeartbeat, Heartbeat>();
        services.AddOptions<LifecycleOptions>().BindConfiguration(LifecycleOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LifecycleOptions>, LifecycleOptionsValidator>());
        return services;
    }

    /// <summary>Beats by the wall clock. Not for virtual time.</summary>
    public static IServiceCollection AddRealTimeHeartbeat(this IServiceCollection services)
    {
        services.AddOptions<HeartbeatOptions>().BindConfiguration(HeartbeatOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HeartbeatOptions>, HeartbeatOptionsValidator>());
        services.AddHostedService<HeartbeatService>();
        return services;
    }
}
