using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Tests.Scenario;

public class DeviceFeedTests
{
    [Fact]
    public void A_simulator_that_was_killed_goes_on_with_the_very_next_frame()
    {
        var (plan, source) = FleetPlanTests.Plan("pump", "one-device", 1);
        var steady = new DeviceFeed(plan, source, device: 3);
        var frames = Enumerable.Range(0, 400).Select(tick => Read(steady, tick, source.Kind.Channels.Count)).ToArray();

        var (again, sourceAgain) = FleetPlanTests.Plan("pump", "one-device", 1);
        foreach (var killedAt in new[] { 1, 77, 200, 399 })
        {
            var restarted = new DeviceFeed(again, sourceAgain, device: 3);
            Assert.Equal(frames[killedAt..], Enumerable.Range(killedAt, 400 - killedAt).Select(tick => Read(restarted, tick, source.Kind.Channels.Count)));
        }
    }

    [Theory]
    [InlineData("pump")]
    [InlineData("bearing")]
    [InlineData("cmapss")]
    public void A_bad_sensor_spoils_one_channel_of_one_device_from_the_change_on(string data)
    {
        HashSet<SensorFaultKind> seen = [];
        foreach (var seed in Enumerable.Range(1, 8))
        {
            var (plan, source) = FleetPlanTests.Plan(data, "one-device", seed);
            var (well, _) = FleetPlanTests.Plan(data, "none", seed);
            var fault = plan.Fault!;
            seen.Add(fault.Kind);
            Assert.Equal(ChannelRole.Sensor, source.Kind.Channels[fault.Channel].Role);
            Assert.True(float.IsFinite(fault.Value) && fault.Value != 0);

            for (var device = 0; device < plan.Devices.Count; device++)
            {
                var (spoilt, sound) = (new DeviceFeed(plan, source, device), new DeviceFeed(well, source, device));
                for (var tick = plan.ChangeTick!.Value - 3; tick < plan.ChangeTick + 6; tick++)
                {
                    var (is_, should) = (Read(spoilt, tick, source.Kind.Channels.Count), Read(sound, tick, source.Kind.Channels.Count));
                    if (should is not null && device == fault.Device && tick >= fault.FirstTick)
                    {
                        should[fault.Channel] = fault.Kind == SensorFaultKind.Stuck ? fault.Value : should[fault.Channel] + fault.Value;
                    }

                    Assert.Equal(should, is_);
                }
            }
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public void A_stuck_sensor_stays_at_what_it_said_last()
    {
        var (plan, source) = Enumerable.Range(1, 20).Select(seed => FleetPlanTests.Plan("pump", "one-device", seed)).First(story => story.Plan.Fault!.Kind == SensorFaultKind.Stuck);
        var fault = plan.Fault!;
        var feed = new DeviceFeed(plan, source, fault.Device);
        var last = Enumerable.Range(1, 10)
            .Select(back => Read(feed, fault.FirstTick - back, source.Kind.Channels.Count)![fault.Channel])
            .First(float.IsFinite);

        Assert.Equal(last, fault.Value);
    }

    [Fact]
    public void An_empty_place_has_no_frame()
    {
        var (plan, source) = FleetPlanTests.Plan("cmapss", "none", 1);
        var empty = plan.At(plan.LastTick).First(at => at.Stint is null).Place.Index;

        Assert.False(new DeviceFeed(plan, source, empty).TryRead(plan.LastTick, new float[source.Kind.Channels.Count]));
    }

    private static float[]? Read(DeviceFeed feed, int tick, int channels)
    {
        var frame = new float[channels];
        return feed.TryRead(tick, frame) ? frame : null;
    }
}
