using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>A disk without room is a limit on the file's pages: SQLite then fails as with a full disk.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);
    private readonly AgentOptions _options = new() { Outbox = { ShortestBatchAge = TimeSpan.FromSeconds(10), AckTimeout = TimeSpan.FromMilliseconds(10) } };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_cannot_be_written_waits_in_memory_and_is_committed_when_there_is_room()
    {
        await using var agent = Agent();
        await agent.LiveAsync(11);
        _folder.Fill();
        await agent.LiveAsync(600);
        Assert.Contains("full", agent.Outbox.Info.Fault, StringComparison.Ordinal);

        _folder.MakeRoom();
        await agent.LiveAsync(1);
        await agent.FlushAsync();
        Assert.Null(agent.Outbox.Info.Fault);
        Assert.Equal(612, agent.Outbox.All().SelectMany(b => b.Readings).Sum(r => r.Frames));
        Assert.Empty(agent.Outbox.All().SelectMany(b => b.Gaps));
        Assert.Equal(611, agent.Outbox.Resume(VirtualAgent.Asset).Point!.Age);
    }

    [Fact]
    public async Task What_falls_out_of_memory_is_told_of_and_the_ring_stays_whole()
    {
        _options.Outbox.HeldBytes = 50_000;
        await using var agent = Agent();
        await agent.LiveAsync(11);
        _folder.Fill();
        await agent.LiveAsync(2000);
        _folder.MakeRoom();
        await agent.FlushAsync();

        var all = agent.Outbox.All();
        var gaps = all.SelectMany(b => b.Gaps).ToArray();
        Assert.All(gaps, gap => Assert.Equal(("unwritten", "pump-07", 0UL), (gap.Reason, gap.Asset, gap.FirstSequence)));
        var frames = gaps.Select(gap => (First: gap.FirstFrame, Count: gap.LastFrame - gap.FirstFrame + 1)).Concat(all.SelectMany(b => b.Readings).Select(r => (First: r.FirstFrame, Count: (ulong)r.Frames))).OrderBy(f => f.First);
        Assert.Equal(2011UL, frames.Aggregate(0UL, (next, f) => f.First == next ? next + f.Count : throw new InvalidOperationException($"{f.First} does not follow {next}")));
        Assert.Equal(gaps.Sum(gap => (long)(gap.LastFrame - gap.FirstFrame + 1) * 100), gaps.Sum(gap => (long)gap.Readings));
        Assert.Equal([2_008.0, 2_009, 2_010], agent.Outbox.Resume(VirtualAgent.Asset).Ring.Select(frame => Math.Round(frame[0] * 100)));
    }

    [Fact]
    public async Task The_pump_goes_on_when_there_is_room_again()
    {
        await using var agent = Agent();
        await agent.LiveAsync(100);
        _folder.Fill();
        _link.Set(up: true);
        await agent.UntilAsync(() => _link.Store.Batches.Count > 0);
        _folder.MakeRoom();
        await agent.UntilAsync(() => _clock.Moved(TimeSpan.FromMilliseconds(1)) && agent.Outbox.Info.Pending == 0);
    }

    private VirtualAgent Agent() => new(_folder, _clock, _link, _options, channels: 100);
}
