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
    public async Task All_times_of_a_batch_are_of_the_clock_that_it_began_with_and_it_says_that_clock(int seconds)
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, new() { Outbox = { ShortestBatchAge = TimeSpan.FromSeconds(30) } });
        _link.Set(up: true);
        await agent.LiveAsync(10);
        _clock.Ahead = TimeSpan.FromSeconds(seconds);
        await agent.LiveAsync(10);
        await agent.FlushAsync();
        await agent.LiveAsync(10);
        await agent.FlushAsync();
        await agent.UntilAsync(() => agent.Outbox.Info.Pending == 0);

        var batches = _link.Store.Batches;
        Assert.Equal([(0ul, 20u), (20ul, 10u)], batches.Select(batch => batch.Readings.Single()).Select(readings => (readings.FirstFrame, readings.Frames)));
        Assert.Equal([TimeSpan.Zero, _clock.Ahead], batches.Select(Wrong));
        Assert.All(batches, batch => Assert.Equal(1_000u, batch.Readings[0].IntervalMs));
        Assert.Equal([20_000L, 10_000L], batches.Select(batch => batch.Clock.TimeMs - batch.Readings[0].FirstTimeMs));
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
