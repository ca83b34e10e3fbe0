using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Link;

public sealed class MqttLinkTests
{
    private static readonly AgentIdentity Identity = new(TestAgent.Device, "default", "s");

    [Fact]
    public async Task A_broker_that_takes_the_connection_and_says_nothing_is_given_up_and_tried_again()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Link(((IPEndPoint)mute.LocalEndpoint).Port).RunAsync(stop.Token);
        using var first = await mute.AcceptTcpClientAsync(stop.Token);
        using var second = await mute.AcceptTcpClientAsync(stop.Token);

        await stop.CancelAsync();
        await running; // an orderly end, though in the middle of an attempt
        Assert.True(second.Connected);
    }

    [Fact]
    public async Task What_the_broker_leaves_unanswered_ends_with_a_reason()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        var link = Link(cloud.Port);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var running = link.RunAsync(stop.Token);
        await cloud.UntilAsync(() => cloud.Status is { Online: true }, ct);
        var held = new TaskCompletionSource();
        cloud.Subscribing = topic => topic == "held" ? held.Task : Task.CompletedTask;

        while (!link.IsUp)
        {
            await link.Changed.Next.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, ct);
        }

        var failure = await Assert.ThrowsAsync<CloudLinkException>(() => link.SubscribeAsync("held", ct));
        Assert.Contains("does not answer", failure.Message, StringComparison.Ordinal);
        held.SetResult();
        await stop.CancelAsync();
        await running;
    }

    private static MqttLink Link(int port)
    {
        var options = new LinkOptions
        {
            Host = "127.0.0.1",
            Port = port,
            Timeout = TimeSpan.FromMilliseconds(500),
            FirstRetry = TimeSpan.FromMilliseconds(10),
            LongestRetry = TimeSpan.FromMilliseconds(50),
        };
        return new(Identity, options, new(TestAgent.Device), TimeProvider.System, NullLogger<MqttLink>.Instance);
    }
}
