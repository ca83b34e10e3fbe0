using Microsoft.Extensions.Diagnostics.HealthChecks;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Gateway;

namespace MlOps.Edge.Host.Monitoring;

/// <summary>A batch could be written to the disk, and whatever else is durable.</summary>
internal sealed class StoreCheck(IEnumerable<IStoreProbe> stores) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await Task.WhenAll(stores.Select(store => store.WriteAsync(cancellationToken)));
        return HealthCheckResult.Healthy("it can be written");
    }
}

/// <summary>Devices can be heard and told.</summary>
internal sealed class BrokerCheck(IGatewayStatus gateway) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(gateway.IsReady
        ? HealthCheckResult.Healthy($"connected to {gateway.Broker}")
        : HealthCheckResult.Unhealthy($"the broker at {gateway.Broker} is not connected; the gateway tries again until it is"));
}

/// <summary>Grains answer.</summary>
internal sealed class SiloCheck(IGrainFactory grains) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await grains.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default).ListAsync().WaitAsync(cancellationToken);
        return HealthCheckResult.Healthy("grains answer");
    }
}
