using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Gateway.Broker;

namespace MlOps.Edge.Gateway.Tests.Broker;

public class EmbeddedBrokerTests
{
    [Fact]
    public async Task A_port_in_use_is_one_line_that_names_the_port_and_the_options()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var error = await Assert.ThrowsAsync<GatewayException>(() => Broker("127.0.0.1", port).StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"Port {port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("Gateway:Broker:Port", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task An_address_that_is_none_is_named()
    {
        var error = await Assert.ThrowsAsync<GatewayException>(() => Broker("localhorst", 1).StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Gateway:Broker:Address 'localhorst'", error.Message, StringComparison.Ordinal);
    }

    private static EmbeddedBroker Broker(string address, int port) => new(
        Options.Create(new GatewayOptions { Broker = { Address = address, Port = port } }), new DeviceTopicPolicy(new GatewayCredential()), NullLogger<EmbeddedBroker>.Instance);
}
