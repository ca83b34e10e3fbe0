using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>The whole agent against a real broker and a cloud that does not take everything.</summary>
public class RefusalLoopTests
{
    [Fact]
    public async Task A_refused_batch_is_kept_aside_and_new_data_goes_in_a_new_stream()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        cloud.Refuses = _ => true;
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await cloud.UntilAsync(() => cloud.Reported?.Outbox is { Quarantined: 1, Fault: not null }, ct);

        cloud.Refuses = _ => false;
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        var stored = Assert.Single(cloud.Batches);
        Assert.Equal(1UL, stored.Sequence);
        Assert.Equal(1UL, Assert.Single(stored.Readings).FirstFrame);
    }

    [Fact]
    public async Task A_batch_that_can_never_be_stored_is_passed_over_and_told_of_and_the_stream_goes_on()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        (cloud.Refuses, cloud.RefusalCode) = (sequence => sequence == 2, RefusalCode.Content);
        for (var i = 0; i < 4; i++)
        {
            await agent.StepsAsync(1, ct);
            await agent.Runtime.FlushAsync(ct);
        }

        await agent.Runtime.SettledAsync(0, ct);

        await cloud.UntilAsync(() => cloud.Reported?.Outbox is { Refused: 1, Quarantined: 1, Fault: null }, ct);
        Assert.Equal("batch 2 of stream 1: content (it was told to)", cloud.Reported!.Outbox.LastRefusal);
        Assert.Single(cloud.Batches.Select(b => b.StreamEpoch).Distinct());
        var gap = Assert.Single(cloud.Batches.SelectMany(b => b.Gaps));
        Assert.Equal((2UL, 2UL, 2UL), (gap.FirstSequence, gap.LastSequence, gap.Readings));
        Assert.Equal([0UL, 2UL, 3UL], cloud.Batches.SelectMany(b => b.Readings).Select(r => r.FirstFrame));
    }

    [Fact]
    public async Task A_batch_of_an_older_stream_is_passed_over_too()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        cloud.Stores = _ => false;
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        cloud.Refuses = sequence => sequence == 1;
        await cloud.UntilAsync(() => cloud.Reported?.Outbox.Refused == 1, ct); // a conflict: a new stream begins, batch 2 stays in the old one
        (cloud.Stores, cloud.Refuses, cloud.RefusalCode) = (_ => true, sequence => sequence == 2, RefusalCode.Content);
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal(2, cloud.Reported!.Outbox.Refused);
        Assert.Equal([2UL], cloud.Batches.SelectMany(b => b.Gaps).Select(gap => gap.FirstSequence));
        Assert.Equal([2UL], cloud.Batches.SelectMany(b => b.Readings).Select(r => r.FirstFrame));
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_the_broker_is_kept_aside_and_the_stream_goes_on()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        await cloud.StopAsync();
        using var folder = new TestAgent { Rough = true };
        await using (var roomy = await folder.StartAsync(cloud.Port, ct))
        {
            await roomy.StepsAsync(200, ct);
        }

        await cloud.RestartAsync();
        using var tight = new TestAgent(folder) { Configure = options => options.Outbox.MaxBatchBytes = 1024 };
        await using var agent = await tight.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.StartsWith("batch 1 of stream 1: too-large (it has ", cloud.Reported!.Outbox.LastRefusal, StringComparison.Ordinal);
        Assert.Equal([200UL], cloud.Batches.SelectMany(b => b.Readings).Select(r => r.FirstFrame));
        Assert.Equal(1UL, cloud.Batches.SelectMany(b => b.Gaps).Single().FirstSequence);
    }

    [Fact]
    public async Task A_wide_machine_makes_batches_that_fit()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent { Rough = true, Configure = options => options.Outbox.MaxBatchBytes = 1024 };
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(200, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal(200, cloud.Batches.Sum(b => b.Readings.Sum(r => (long)r.Frames)));
        Assert.Equal(0, cloud.Reported!.Outbox.Refused);
    }
}
