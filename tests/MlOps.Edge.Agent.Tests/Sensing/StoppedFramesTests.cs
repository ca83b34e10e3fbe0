using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Sensing;

/// <summary>Frames that passed while the agent did not run, or were lost in its memory, are told of, and no age is given twice.</summary>
public sealed class StoppedFramesTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(Start);
    private readonly AgentOptions _options = new() { Outbox = { ShortestBatchAge = TimeSpan.FromSeconds(30) } };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_kill_tells_of_what_was_in_memory_and_of_the_time_without_the_agent()
    {
        await CommitAsync(frames: 10);
        await using (var killed = Agent())
        {
            await killed.LiveAsync(3); // ages 10 to 12, never committed
        }

        _clock.Advance(TimeSpan.FromSeconds(100));
        await CommitAsync(frames: 5);

        var batch = _last!;
        var gap = Assert.Single(batch.Gaps);
        Assert.Equal(("stopped", "pump-07", 0u), (gap.Reason, gap.Asset, gap.Installation));
        Assert.Equal((10UL, 112UL, 103UL * 2), (gap.FirstFrame, gap.LastFrame, gap.Readings));
        Assert.Equal((0UL, 0UL), (gap.FirstSequence, gap.LastSequence));
        Assert.Equal((Start.AddSeconds(9), Start.AddSeconds(113)), (DateTimeOffset.FromUnixTimeMilliseconds(gap.FirstTimeMs), DateTimeOffset.FromUnixTimeMilliseconds(gap.LastTimeMs)));
        Assert.Equal((113UL, 5u), (batch.Readings.Single().FirstFrame, batch.Readings.Single().Frames));
    }

    [Fact]
    public async Task A_kill_before_the_very_first_commit_is_told_of_like_any_other()
    {
        for (var kill = 0; kill < 2; kill++)
        {
            await using var killed = Agent();
            await killed.LiveAsync(3); // ages 0 to 2, and then 53 to 55
            _clock.Advance(TimeSpan.FromSeconds(50));
        }

        await CommitAsync(frames: 5);
        var gap = Assert.Single(_last!.Gaps);
        Assert.Equal(("stopped", 0UL, 105UL, 106UL * 2), (gap.Reason, gap.FirstFrame, gap.LastFrame, gap.Readings));
        Assert.Equal((106UL, 5u), (_last.Readings.Single().FirstFrame, _last.Readings.Single().Frames));
    }

    [Fact]
    public async Task A_machine_that_begins_while_nothing_can_be_written_has_begun_when_it_can()
    {
        await using (var killed = Agent())
        {
            _folder.SetReadOnly(true);
            await killed.LiveAsync(3);
            Assert.Null(killed.Outbox.Resume(VirtualAgent.Asset).Point);
            _folder.SetReadOnly(false);
            await killed.LiveAsync(2);
        }

        await CommitAsync(frames: 1);
        Assert.Equal((0UL, 4UL), Gap());
    }

    [Fact]
    public async Task A_machine_that_begins_has_nothing_to_tell()
    {
        await CommitAsync(frames: 4);
        Assert.Empty(_last!.Gaps);
        Assert.Equal(0UL, _last.Readings.Single().FirstFrame);
    }

    [Fact]
    public async Task It_is_told_once_by_the_first_start_that_commits()
    {
        await CommitAsync(frames: 1);
        _clock.Advance(TimeSpan.FromSeconds(9));
        await using (var killed = Agent())
        {
            await killed.LiveAsync(1);
        }

        await CommitAsync(frames: 1);
        Assert.Equal((1UL, 10UL), Gap()); // 1 to 9, and what the killed one sampled
        await CommitAsync(frames: 1);
        Assert.Empty(_last!.Gaps);
    }

    [Fact]
    public async Task A_batch_of_sampled_frames_says_what_the_clocks_said_when_it_was_made()
    {
        await CommitAsync(frames: 7);
        var clock = _last!.Clock;
        Assert.Equal((0x00112233445566ffUL, 7_000UL, Start.AddSeconds(7).ToUnixTimeMilliseconds()), (clock.Session, clock.UptimeMs, clock.TimeMs));
    }

    [Fact]
    public async Task A_clock_that_went_back_counts_for_one_commit_interval_and_tells_no_time()
    {
        await CommitAsync(frames: 10);
        var earlier = new FakeTimeProvider(Start.AddYears(-20));
        await CommitAsync(frames: 1, earlier);
        Assert.Equal((10UL, 39UL), Gap());
        Assert.Equal(0, _last!.Gaps[0].FirstTimeMs);
    }

    [Fact]
    public async Task A_clock_that_is_years_ahead_is_believed_for_as_long_as_is_configured()
    {
        _options.Sensing.LongestStop = TimeSpan.FromHours(1);
        await CommitAsync(frames: 10);
        await CommitAsync(frames: 1, new(Start.AddYears(40)));
        Assert.Equal((10UL, 3608UL), Gap());
    }

    private TelemetryBatch? _last;

    private (ulong, ulong) Gap() => (_last!.Gaps.Single().FirstFrame, _last.Gaps.Single().LastFrame);

    private VirtualAgent Agent(FakeTimeProvider? clock = null) => new(_folder, clock ?? _clock, new(TestAgent.Device), _options);

    private async Task CommitAsync(int frames, FakeTimeProvider? clock = null)
    {
        await using var agent = Agent(clock);
        await agent.LiveAsync(frames);
        await agent.FlushAsync();
        _last = agent.Outbox.All()[^1];
    }
}
