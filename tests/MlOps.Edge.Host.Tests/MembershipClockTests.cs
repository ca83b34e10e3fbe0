using System.Diagnostics;

namespace MlOps.Edge.Host.Tests;

public sealed class MembershipClockTests
{
    [Fact]
    public void From_timestamp_0_it_measures_the_clock_s_own_age_and_not_the_machine_s()
    {
        var watch = Stopwatch.StartNew();
        var clock = new MembershipClock();
        Assert.InRange(clock.GetElapsedTime(0), TimeSpan.Zero, watch.Elapsed);
    }

    [Fact]
    public void Between_two_timestamps_as_much_passes_as_by_the_system_s_clock()
    {
        var clock = new MembershipClock();
        var (first, before) = (clock.GetTimestamp(), TimeProvider.System.GetTimestamp());
        SpinWait.SpinUntil(() => TimeProvider.System.GetElapsedTime(before) > TimeSpan.FromMilliseconds(5));
        Assert.InRange(clock.GetElapsedTime(first), TimeSpan.FromMilliseconds(5), TimeProvider.System.GetElapsedTime(before) + TimeSpan.FromSeconds(1));
    }
}
