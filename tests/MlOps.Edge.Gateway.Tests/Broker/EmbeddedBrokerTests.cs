using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
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

    [Theory]
    [InlineData("localhorst", true, false)]
    [InlineData("localhorst", false, true)]
    [InlineData("0.0.0.0", true, true)]
    [InlineData("::1", true, true)]
    public void An_address_that_is_none_is_named_before_anything_starts_where_there_is_to_be_a_broker(string address, bool enabled, bool valid)
    {
        var result = new BrokerAddressMustBeIp().Validate(null, new() { Broker = { Address = address, Enabled = enabled } });
        Assert.Equal(valid, result.Succeeded);
        Assert.Equal(!valid, result.FailureMessage?.Contains("Gateway:Broker:Address 'localhorst'", StringComparison.Ordinal) ?? false);
    }

    private static EmbeddedBroker Broker(string address, int port) => ActivatorUtilities.CreateInstance<EmbeddedBroker>(
        new ServiceCollection().AddLogging().AddGateway(new ConfigurationBuilder().AddInMemoryCollection(
            [new("Gateway:Broker:Address", address), new("Gateway:Broker:Port", $"{port}")]).Build())
            .AddSingleton(DispatchProxy.Create<IGrainFactory, NoGrains>()).BuildServiceProvider());

    public class NoGrains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new InvalidOperationException("No device has said anything.");
    }
}
