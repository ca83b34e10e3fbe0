using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Inference;

/// <summary>Somebody sets the device's clock while the agent runs.</summary>
public sealed class SetClockTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly SetClock _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3 * 3600)]
    [InlineData(-7 * 3600)]
    [InlineData(-11 * 365 * 86_400)]
    public async Task No_batch_straddles_the_moment_and_each_says_the_clock_of_its_own_times(int seconds)
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, new() { Outbox = { ShortestBatchAge = TimeSpan.FromSeconds(30) } });
        _link.Set(up: true);
        await agent.LiveAsync(10);
        _clock.Ahead = TimeSpan.FromSeconds(seconds);
        await agent.LiveAsync(10);
        await agent.FlushAsync();
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);

        var batches = _link.Store.Batches;
        Assert.Equal([(0ul, 10u), (10ul, 10u)], batches.Select(batch => batch.Readings.Single()).Select(readings => (readings.FirstFrame, readings.Frames)));
        Assert.Equal([TimeSpan.Zero, _clock.Ahead], batches.Select(Wrong));
        Assert.Equal([9_000, 10_000], batches.Select(batch => batch.Clock.TimeMs - batch.Readings[0].FirstTimeMs));
    }

    [Fact]
    public async Task A_clock_that_is_only_adjusted_ends_no_batch()
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, new() { Outbox = { ShortestBatchAge = TimeSpan.FromSeconds(30) } });
        _link.Set(up: true);
        for (var i = 0; i < 10; i++)
        {
            await agent.LiveAsync(1);
            _clock.Ahead += TimeSpan.FromMilliseconds(100);
        }

        await agent.FlushAsync();
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);
        Assert.Single(_link.Store.Batches);
    }

    private TimeSpan Wrong(TelemetryBatch batch) => TimeSpan.FromMilliseconds(batch.Clock.TimeMs - (long)batch.Clock.UptimeMs - _clock.Start.ToUnixTimeMilliseconds());

    /// <summary>Its wall clock can be set; what it measures waits by goes on.</summary>
    private sealed class SetClock : FakeTimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

        public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
    }
}
