using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

public class ClockCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    // Made when the agent had run for 100 s; sent 40 s later.
    private static readonly PublishedClock Published = new(7, 140_000);

    [Theory]
    [InlineData("2026-05-04T03:01:21Z", ClockTrust.Plain, 0)] // right
    [InlineData("2026-05-04T03:01:25Z", ClockTrust.Plain, 0)] // 4 s fast: left alone
    [InlineData("2026-05-04T04:01:21Z", ClockTrust.Corrected, -3600)] // an hour fast
    [InlineData("1970-01-01T00:01:40Z", ClockTrust.Corrected, 1777863581)] // it woke up in 1970
    public void The_uptime_tells_how_far_a_clock_is_off(string said, ClockTrust trust, long seconds) =>
        Assert.Equal(new ClockCorrection(TimeSpan.FromSeconds(seconds), trust), ClockCheck.Of(Made(said), Published, DateTimeOffset.Parse(said, null), Now));

    [Theory]
    [InlineData("2026-05-01T00:00:00Z", ClockTrust.Plain)] // days ago is where a backlog is from
    [InlineData("2026-05-04T03:02:11Z", ClockTrust.Estimated)] // the future
    [InlineData("1970-01-01T00:01:40Z", ClockTrust.Estimated)]
    public void After_a_restart_a_clock_is_believed_if_it_can_be_right(string said, ClockTrust trust)
    {
        var last = DateTimeOffset.Parse(said, null);
        var correction = ClockCheck.Of(Made(said), Published with { Session = 8 }, last, Now);
        Assert.Equal(trust, correction.Trust);
        Assert.Equal(trust == ClockTrust.Plain ? last : Now, last + correction.Offset);
    }

    [Fact]
    public void The_times_of_a_recording_are_left_alone() => Assert.Equal(ClockCorrection.None, ClockCheck.Of(null, Published, DateTimeOffset.UnixEpoch, Now));

    [Theory]
    [InlineData("00000000000000ff:1234", true)]
    [InlineData("ff:1234", false)]
    [InlineData("00000000000000ff:", false)]
    [InlineData("00000000000000ff:-1", false)]
    [InlineData("00000000000000fx:1", false)]
    public void What_a_device_says_of_its_clock_is_read_or_ignored(string text, bool readable) =>
        Assert.Equal(readable ? new PublishedClock(255, 1234) : null, PublishedClock.Parse(text));

    private static DeviceClock Made(string said) => new() { Session = 7, UptimeMs = 100_000, TimeMs = DateTimeOffset.Parse(said, null).ToUnixTimeMilliseconds() };
}
