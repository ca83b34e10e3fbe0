using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>The cloud is restored from a backup, and lacks what it had acknowledged and what is nowhere else.</summary>
public sealed class RestoredCloudTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);
    private readonly AgentOptions _options = new();

    private IReadOnlyList<TelemetryBatch> Store => _link.Store.Batches;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_it_lacks_and_the_device_has_no_more_is_an_exact_gap_record()
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, _options);
        _link.Set(up: true);
        await LiveAsync(agent, 20);
        var restore = _link.Store.BackUp();
        var kept = Store;
        await LiveAsync(agent, 30);
        var lost = Store.Except(kept).Select(batch => batch.Sequence).Order().ToArray();
        restore();
        await LiveAsync(agent, 20);

        await agent.UntilAsync(() => Told(Store).Any() || !Moved());
        var gap = Assert.Single(Told(Store));
        Assert.Equal((lost[0], lost[^1], 0ul, "restored"), (gap.FirstSequence, gap.LastSequence, gap.Readings, gap.Reason));
        Assert.Equal(Enumerable.Range((int)lost[0], lost.Length).Select(sequence => (ulong)sequence), lost);
        Assert.Equal((ulong)kept.Count + 1, lost[0]);
        Assert.Null(agent.Outbox.Info.Fault);
    }

    [Fact]
    public async Task What_the_device_still_holds_comes_again_and_no_gap_record_says_otherwise()
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, _options);
        _link.Set(up: true);
        await LiveAsync(agent, 10);
        var restore = _link.Store.BackUp();

        // The answers to these are lost, so the device keeps them: the hole is not the cloud's to regret.
        _link.Store.Stores = batch => batch.Sequence % 3 != 0;
        await agent.LiveAsync(30);
        restore();
        await agent.LiveAsync(60);
        _link.Store.Stores = _ => true;
        await agent.LiveAsync(100);

        await agent.UntilAsync(() => Store.GroupBy(batch => batch.StreamEpoch).All(stream => MostOf(stream) == stream.Count() + Told(stream).Sum(Length)) && agent.Outbox.Info.Pending == 0 || !Moved());
        foreach (var stream in Store.GroupBy(batch => batch.StreamEpoch))
        {
            Assert.All(Told(stream), gap => Assert.Equal("restored", gap.Reason));
            var missing = Told(stream).SelectMany(gap => Enumerable.Range((int)gap.FirstSequence, Length(gap))).Select(sequence => (ulong)sequence);
            Assert.Equal(Enumerable.Range(1, MostOf(stream)).Select(sequence => (ulong)sequence), stream.Select(batch => batch.Sequence).Concat(missing).Order());
        }
    }

    [Fact]
    public async Task Streams_that_rest_are_asked_too()
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, _options);
        _link.Set(up: true);
        await LiveAsync(agent, 5);
        _link.Set(up: false);
        await agent.LiveAsync(200);
        var restore = _link.Store.BackUp();
        _link.Set(up: true);
        await LiveAsync(agent, 60);
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);
        var backlog = Store.Where(batch => batch.Kind == StreamKind.Backlog).Select(batch => batch.Sequence).ToArray();
        Assert.NotEmpty(backlog);
        restore();
        await LiveAsync(agent, 60);

        await agent.UntilAsync(() => Told(Store).Count() == 2 || !Moved());
        var gap = Assert.Single(Told(Store.Where(batch => batch.Kind == StreamKind.Backlog)));
        Assert.Equal((1ul, backlog.Max(), "restored"), (gap.FirstSequence, gap.LastSequence, gap.Reason));
    }

    private static int MostOf(IEnumerable<TelemetryBatch> stream) => (int)stream.Max(batch => batch.Sequence);

    private static IEnumerable<Gap> Told(IEnumerable<TelemetryBatch> stream) => stream.SelectMany(batch => batch.Gaps);

    private static int Length(Gap gap) => (int)(gap.LastSequence - gap.FirstSequence) + 1;

    // Where nothing is sampled any more, time goes on all the same.
    private bool Moved() => _clock.Moved(TimeSpan.FromSeconds(1));

    // Each second is answered before the next begins.
    private static Task LiveAsync(VirtualAgent agent, int seconds) => agent.LiveAsync(seconds, until: () => agent.Outbox.Info.Pending == 0);
}
