using System.Net;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Tests;

/// <summary>The same cloud beside a broker that is not its own, which lets everybody do everything.</summary>
public sealed class CloudOnAnotherBroker : RunningCloud
{
    private MqttServer? _broker;

    protected override IEnumerable<KeyValuePair<string, string?>> Settings => [new("Gateway:Broker:Enabled", "false"), new("Gateway:Port", $"{Port}")];

    public override async ValueTask InitializeAsync()
    {
        await StartBrokerAsync();
        await base.InitializeAsync();
        await Wait.UntilAsync(() => Get<Link.BrokerLink>().IsReady);
    }

    public override async Task RestartBrokerAsync()
    {
        await StopBrokerAsync();
        await StartBrokerAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await StopBrokerAsync();
    }

    private async Task StartBrokerAsync()
    {
        var options = new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(Port).WithMaxPendingMessagesPerClient(10_000)
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).Build();
        _broker = new MqttServerFactory().CreateMqttServer(options);
        await _broker.StartAsync();
    }

    private async Task StopBrokerAsync()
    {
        if (_broker is { } broker)
        {
            await broker.StopAsync(new MqttServerStopOptions());
            broker.Dispose();
        }
    }
}
