using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests;

/// <summary>The whole agent against a real broker.</summary>
public class AgentLoopTests
{
    [Fact]
    public async Task What_was_sampled_arrives_once_and_is_forgotten_when_the_cloud_has_it()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent { Life = 7 };
        await using var agent = await folder.StartAsync(cloud.Port, ct);

        await agent.StepsAsync(10, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.StepsAsync(5, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal([(1UL, 10L), (2UL, 5L)], cloud.Batches.Select(b => (b.Sequence, b.Readings.Sum(r => (long)r.Frames))));
        Assert.Equal([(0u, 0UL, 7u), (1u, 0UL, 3u)], cloud.Batches[0].Readings.Select(r => (r.Installation, r.FirstFrame, r.Frames)));
        var columns = ReadingColumns.Of(cloud.Batches[0], cloud.Batches[0].Readings[1]);
        Assert.Equal(("flow", "L/min"), (columns.Schema.Channels[0].Name, columns.Schema.Channels[0].Unit));
        Assert.Equal([1000f, 1001f, 1002f], columns.Decode()[0]);
        Assert.True(cloud.Status!.Online);
        Assert.Equal(2, Assert.Single(cloud.Reported!.Assets).Installation);
        Assert.Equal(new ResumePointOf(2, 0), ResumePointOf.Of(agent));
    }

    [Fact]
    public async Task A_new_installation_is_reported_without_the_frame_of_the_one_before()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent { Life = 7 };
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(7, ct);
        await agent.Runtime.FlushAsync(ct);

        await agent.StepsAsync(1, ct);
        await cloud.UntilAsync(() => cloud.Reported?.Assets is [{ Installation: 1 }], ct);
        Assert.Equal(-1, cloud.Reported!.Assets[0].Frame);

        await agent.StepsAsync(2, ct);
        await agent.Runtime.FlushAsync(ct);
        await cloud.RestartAsync(); // a new connection is an occasion to report
        await cloud.UntilAsync(() => cloud.Reported?.Assets is [{ Installation: 1, Frame: 2 }], ct);
    }

    [Fact]
    public async Task An_outage_loses_nothing_and_the_will_says_that_the_device_is_gone()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await cloud.UntilAsync(() => cloud.Status is { Online: true }, ct);

        agent.Runtime.SetNetwork(up: false);
        await cloud.UntilAsync(() => cloud.Status is { Online: false }, ct);
        for (var i = 0; i < 5; i++)
        {
            await agent.StepsAsync(2, ct);
            await agent.Runtime.FlushAsync(ct);
        }

        Assert.Empty(cloud.Batches);
        agent.Runtime.SetNetwork(up: true);
        await agent.Runtime.SettledAsync(0, ct);
        Assert.True(cloud.Status!.Online);
        Assert.Equal(Enumerable.Range(1, 5).Select(i => (ulong)i), cloud.Batches.Select(b => b.Sequence));
    }

    [Fact]
    public async Task A_broker_that_starts_later_or_again_is_found()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        await cloud.StopAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);

        await cloud.RestartAsync();
        await agent.Runtime.SettledAsync(0, ct);
        await cloud.RestartAsync();
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal([1UL, 2UL], cloud.Batches.Select(b => b.Sequence));
    }

    [Fact]
    public async Task What_is_desired_in_the_very_moment_of_the_subscription_is_not_missed()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        var asked = 0;
        cloud.Subscribing = topic => topic == Topics.Desired(TestAgent.Device) && Interlocked.Increment(ref asked) == 1
            ? cloud.DesireAsync(TestAgent.Device, new() { Epoch = 4 })
            : Task.CompletedTask;
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await cloud.UntilAsync(() => cloud.Reported is { DesiredEpoch: 4 }, ct);
    }

    [Fact]
    public async Task A_batch_that_was_lost_on_the_way_is_sent_again_when_the_acknowledgement_shows_the_hole()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        var lost = 0;
        cloud.Stores = sequence => sequence != 2 || Interlocked.Increment(ref lost) > 1;
        for (var i = 0; i < 4; i++)
        {
            await agent.StepsAsync(1, ct);
            await agent.Runtime.FlushAsync(ct);
        }

        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal([1UL, 2UL, 3UL, 4UL], cloud.Batches.Select(b => b.Sequence));
        Assert.True(lost >= 2);
    }

    [Fact]
    public async Task A_report_that_is_not_acknowledged_goes_again()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        cloud.AcknowledgesReports = false;
        using var folder = new TestAgent { Configure = options => options.Link.ReportTimeout = TimeSpan.FromMilliseconds(50) };
        await using var agent = await folder.StartAsync(cloud.Port, ct);

        await cloud.UntilAsync(() => cloud.Reported is { Sequence: >= 3 }, ct);
        cloud.AcknowledgesReports = true;
        await agent.Runtime.SettledAsync(0, ct);
    }

    private sealed record ResumePointOf(int Installation, long Age)
    {
        public static ResumePointOf Of(AgentHost agent) =>
            agent.Runtime.ResumePoint(AssetId.Parse(TestAgent.Device.ToString())) is { } point ? new(point.Unit.Installation, point.Age) : new(-1, -1);
    }
}
