using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Gateway.Limits;

namespace MlOps.Edge.Gateway.Tests.Limits;

public class DeviceGuardTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Who_has_used_up_the_burst_goes_on_at_the_rate()
    {
        var guard = Guard(new() { MessagesPerSecond = 10, MessageBurst = 3 });
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, guard.Ask(1)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), guard.Ask(1));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.Zero, guard.Ask(1));
        Assert.NotEqual(TimeSpan.Zero, guard.Ask(1));
    }

    [Fact]
    public void Bytes_are_limited_as_messages_are_and_one_larger_than_the_burst_takes_it_all()
    {
        var guard = Guard(new() { BytesPerSecond = 1024, ByteBurst = 4096 });
        Assert.Equal(TimeSpan.Zero, guard.Ask(100_000));
        Assert.Equal(TimeSpan.FromSeconds(1), guard.Ask(1024));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, guard.Ask(1024));
    }

    [Fact]
    public void Who_connects_all_the_time_is_noticed_and_forgiven()
    {
        var guard = Guard(new() { ConnectsPerMinute = 6, ConnectBurst = 2 });
        Assert.All(Enumerable.Range(0, 2), _ => Assert.False(guard.CountConnect()));
        Assert.True(guard.CountConnect());
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.False(guard.CountConnect());
        Assert.True(guard.CountConnect());
    }

    [Fact]
    public void By_default_a_week_of_batches_drains_in_two_minutes_and_is_no_flood()
    {
        var guard = Guard(new());
        var began = _clock.GetTimestamp();
        for (var batch = 0; batch < 7 * 24 * 3600 / 5; batch++)
        {
            while (guard.Ask(2048) is { Ticks: > 0 } pause)
            {
                Assert.False(guard.IsFlooding);
                _clock.Advance(pause);
            }
        }

        Assert.InRange(_clock.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Who_never_rests_floods_and_who_rests_does_not()
    {
        var guard = Guard(new() { MessagesPerSecond = 10, MessageBurst = 10, MaxTimeAtLimit = TimeSpan.FromMinutes(1) });
        void Press(TimeSpan time)
        {
            for (var end = _clock.GetUtcNow() + time; _clock.GetUtcNow() < end;)
            {
                if (guard.Ask(1) is { Ticks: > 0 } pause)
                {
                    _clock.Advance(pause);
                }
            }
        }

        Press(TimeSpan.FromSeconds(50));
        Assert.False(guard.IsFlooding);
        _clock.Advance(TimeSpan.FromSeconds(2)); // a rest
        Press(TimeSpan.FromSeconds(50));
        Assert.False(guard.IsFlooding);
        Press(TimeSpan.FromSeconds(15));
        Assert.True(guard.IsFlooding);
    }

    [Fact]
    public void A_damaged_batch_that_is_repeated_for_ever_is_not_too_much_and_a_hail_of_garbage_is()
    {
        var guard = Guard(new());
        for (var repeat = 0; repeat < 1000; repeat++)
        {
            Assert.False(guard.CountUnreadable());
            _clock.Advance(TimeSpan.FromSeconds(80));
        }

        Assert.Equal(200, Enumerable.Range(0, 1000).TakeWhile(_ => !guard.CountUnreadable()).Count());
    }

    [Fact]
    public void The_grain_is_asked_once_and_during_a_quarantine_every_two_seconds()
    {
        var guard = Guard(new());
        Assert.True(guard.MustLook());
        Assert.False(guard.MustLook());
        guard.Learn(new DeviceQuarantine("x", _clock.GetUtcNow(), _clock.GetUtcNow().AddMinutes(5), 1));
        Assert.False(guard.MustLook());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(guard.MustLook());
        guard.Learn(null);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(guard.MustLook());
        Assert.True(guard.IsRested);
    }

    private DeviceGuard Guard(DeviceLimitOptions limits) => new(limits, _clock);
}
