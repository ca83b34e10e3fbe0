using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>How old a batch becomes, by the frames that it has at one a second.</summary>
public sealed class CommitRuleTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task While_the_cloud_answers_at_once_a_batch_goes_every_other_frame()
    {
        _link.Set(up: true);
        await using var agent = Agent();
        await agent.LiveAsync(40, until: () => agent.Outbox.Info.Pending == 0);

        Assert.All(_link.Store.Batches, batch => Assert.Equal(2u, batch.Readings.Single().Frames));
    }

    [Fact]
    public async Task While_the_link_is_down_batches_grow_to_the_longest_age_and_shrink_when_it_is_back()
    {
        await using var agent = Agent();
        await agent.LiveAsync(300);
        Assert.Equal(31u, agent.Outbox.All()[^1].Readings.Single().Frames);

        _link.Set(up: true);
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);
        await agent.LiveAsync(40, until: () => agent.Outbox.Info.Pending == 0);

        Assert.Equal(2u, _link.Store.Batches.Where(b => b.Kind == StreamKind.Live).MaxBy(b => b.Sequence)!.Readings.Single().Frames);
    }

    [Fact]
    public async Task A_cloud_that_answers_late_gets_fewer_batches()
    {
        _link.Set(up: true);
        _link.Answers = false; // but every four seconds
        await using var agent = Agent();
        for (var i = 0; i < 15; i++)
        {
            await agent.LiveAsync(4, until: () => agent.Outbox.Info.Pending == _link.Unanswered);
            _link.AnswerLate();
            await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);
        }

        Assert.InRange(_link.Store.Batches.Max(b => b.Readings.Single().Frames), 4u, 9u);
    }

    private VirtualAgent Agent() => new(_folder, _clock, _link, new() { Outbox = { AckTimeout = TimeSpan.FromHours(1) } });
}
