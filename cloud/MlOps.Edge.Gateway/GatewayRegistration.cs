using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Gateway.Broker;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Link;
using MlOps.Edge.Gateway.Monitoring;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway;

public static class GatewayRegistration
{
    /// <summary>
    /// MQTT in and out, with the embedded broker unless <c>Gateway:Broker:Enabled</c> is false. It needs the silo's grain factory,
    /// an artifact store and the model signing key; register it after the silo, so that it starts after it and stops before it.
    /// </summary>
    public static IServiceCollection AddGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>().Bind(configuration.GetSection(GatewayOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable([
            ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>(), ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, BrokerAddressMustBeIp>()]);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GatewayCredential>();
        services.TryAddSingleton<IBrokerPolicy, DeviceTopicPolicy>();
        services.AddMetrics();
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<BrokerLink>();
        services.TryAddSingleton<IGatewayStatus>(provider => provider.GetRequiredService<BrokerLink>());
        services.TryAddSingleton<IDeviceDownlink, MqttDownlink>();
        services.TryAddSingleton<EmbeddedPath>();
        services.TryAddSingleton<BrokerPath>();
        services.TryAddSingleton<IDevicePath>(provider =>
            provider.GetRequiredService<IOptions<GatewayOptions>>().Value.Direct ? provider.GetRequiredService<EmbeddedPath>() : provider.GetRequiredService<BrokerPath>());
        services.TryAddSingleton<Quarantines>();
        services.TryAddSingleton<WaitingRoom>();
        services.TryAddSingleton<UplinkHandler>();
        services.TryAddSingleton<UplinkIntake>();
        services.TryAddSingleton<DirectUplink>();
        services.TryAddSingleton<Announcer>();
        services.AddHostedService<EmbeddedBroker>();
        services.AddHostedService<GatewayService>();
        return services;
    }
}
