using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>Seven days without a link at one frame of 24 channels a second, by a virtual clock and with a real outbox file.</summary>
public sealed class LongOutageTests : IDisposable
{
    private const int Channels = 24;
    private const int Outage = 7 * 24 * 3600;
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(Start);
    private readonly MemoryLink _link = new(TestAgent.Device);
    private readonly AgentOptions _options = new() { Outbox = { LongestBatchAge = TimeSpan.FromMinutes(4), AckTimeout = TimeSpan.FromHours(1) } };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_live_is_there_within_two_seconds_while_the_backlog_drains_in_order_and_all_comes_once()
    {
        await using var agent = Agent();
        await agent.LiveAsync(Outage);
        var backlog = agent.Outbox.Waiting(StreamKind.Backlog).Count;
        Assert.InRange(backlog, 2_000, 3_000);

        var (latest, order) = (TimeSpan.Zero, new List<ulong>());
        var back = _clock.GetUtcNow();
        _link.Store.Stored = batch =>
        {
            if (batch.Kind == StreamKind.Backlog)
            {
                order.Add(batch.Sequence);
            }
            else if (batch.Readings is [var readings] && readings.FirstTimeMs > back.ToUnixTimeMilliseconds())
            {
                var late = _clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(readings.FirstTimeMs);
                latest = late > latest ? late : latest;
            }
        };

        // The cloud answers what is of the backlog once a second: three quarters of the window.
        _link.Holds = batch => batch.Kind == StreamKind.Backlog;
        _link.Set(up: true);
        var seconds = 0;
        for (; agent.Outbox.Waiting(StreamKind.Backlog).Count is > 0 and var left; seconds++)
        {
            await agent.LiveAsync(1, until: () => _link.Unanswered == Math.Min(48, left) && agent.Outbox.Waiting(StreamKind.Live).Count == 0);
            _link.AnswerLate();
            await agent.UntilAsync(() => agent.Outbox.Waiting(StreamKind.Backlog).Count <= left - Math.Min(48, left));
        }

        await agent.FlushAsync();
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);
        Assert.InRange(seconds, backlog / 48, (backlog / 48) + 1);
        Assert.InRange(latest, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(Enumerable.Range(1, (int)backlog).Select(i => (ulong)i), order);

        var next = 0UL;
        foreach (var readings in _link.Store.Batches.SelectMany(b => b.Readings).OrderBy(r => r.FirstFrame))
        {
            Assert.Equal(next, readings.FirstFrame);
            next += readings.Frames;
            Assert.Equal([.. Enumerable.Range((int)readings.FirstFrame, (int)readings.Frames).Select(i => i % 10_000 / 100f)], _link.Store.Decode(readings)[0]);
        }

        Assert.Equal((ulong)(Outage + seconds), next);
        Assert.Empty(_link.Store.Batches.SelectMany(b => b.Gaps));
    }

    [Fact]
    public async Task With_too_little_room_every_value_comes_raw_or_summed_up_or_is_told_of()
    {
        _options.Outbox.MaxBytes = 1 << 20;
        await using var agent = Agent();
        await agent.LiveAsync(Outage);
        Assert.True(agent.Outbox.Info.Bytes <= _options.Outbox.MaxBytes);
        _link.Set(up: true);
        await agent.FlushAsync();
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);

        var batches = _link.Store.Batches;
        var raw = batches.SelectMany(b => b.Readings).Sum(r => (long)r.Frames * Channels);
        var summed = batches.SelectMany(b => b.Summaries).Sum(s => s.Frames.Sum(f => (long)f) * Channels);
        var gone = Gone(batches, "full");
        Assert.True(raw > 0 && summed > 0 && gone > 0, $"{raw} raw, {summed} summed up, {gone} gone");
        Assert.Equal((long)Outage * Channels, raw + summed + gone);
        Assert.Equal(summed + Gone(batches.Where(b => b.Kind == StreamKind.Summary), "full"), Gone(batches, "summarised"));
        Assert.Equal((Gone(batches, "summarised"), gone), (agent.Outbox.Info.Summarised, agent.Outbox.Info.Dropped));

        // A minute's count of values present says the same.
        Assert.Equal(summed, batches.SelectMany(b => b.Summaries).Sum(s => _link.Store.Decode(new() { Schema = s.Schema, Frames = (uint)s.Frames.Count, Block = s.Present }).Sum(c => (long)c.Sum())));
    }

    private VirtualAgent Agent() => new(_folder, _clock, _link, _options, Channels);

    private static long Gone(IEnumerable<TelemetryBatch> batches, string reason) => batches.SelectMany(b => b.Gaps).Where(gap => gap.Reason == reason).Sum(gap => (long)gap.Readings);
}
