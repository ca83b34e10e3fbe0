using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Cloud.Lifecycle;

namespace MlOps.Edge.Cloud.Tests.Lifecycle;

public class HeartbeatServiceTests
{
    [Fact]
    public async Task It_beats_at_the_interval_with_the_time_as_watermark_and_outlives_a_beat_that_failed()
    {
        var clock = new WatchedClock();
        var heart = new FailingOnce();
        using var service = new HeartbeatService(heart, Options.Create(new HeartbeatOptions()), clock, NullLogger<HeartbeatService>.Instance);
        await service.StartAsync(TestContext.Current.CancellationToken);
        await clock.Timers.WaitAsync(TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromSeconds(5));
        await heart.Beats.WaitAsync(TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(5));
        await heart.Beats.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal([DateTimeOffset.UnixEpoch.AddSeconds(5), DateTimeOffset.UnixEpoch.AddSeconds(10)], heart.Watermarks);
        await service.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("Heartbeat:Interval", "00:00:00", "Interval")]
    [InlineData("Lifecycle:Cohort", "0", "Cohort")]
    public void A_wrong_setting_stops_the_host_and_says_which(string key, string value, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLifecycle().AddRealTimeHeartbeat().BuildServiceProvider();

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Says when the service, which starts in the background, has set its timer.</summary>
    private sealed class WatchedClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch)
    {
        public SemaphoreSlim Timers { get; } = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Timers.Release();
            return timer;
        }
    }

    private sealed class FailingOnce : IHeartbeat
    {
        public SemaphoreSlim Beats { get; } = new(0);
        public List<DateTimeOffset> Watermarks { get; } = [];

        public Task AdvanceAsync(DateTimeOffset watermark, CancellationToken cancellationToken)
        {
            Watermarks.Add(watermark);
            Beats.Release();
            return Watermarks.Count == 1 ? Task.FromException(new InvalidOperationException("the store is away")) : Task.CompletedTask;
        }
    }
}
