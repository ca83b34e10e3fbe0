using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

public static class DeviceRegistration
{
    /// <summary>The rooms that know devices, machines and fleets. They need the stores, and someone who implements <see cref="IDeviceDownlink"/>.</summary>
    public static IServiceCollection AddDeviceRooms(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IModelBlobs, RegistryModelBlobs>();
        services.TryAddSingleton<UnitHistories>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStoreProbe, SqliteStoreProbe>());
        services.TryAddSingleton<IMaintenanceDesk, MaintenanceDesk>();
        return services;
    }
}
