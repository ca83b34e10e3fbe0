using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Faults;

namespace MlOps.Edge.Cloud.Tests.Drift;

public sealed class EngineSensorFaultTests(ITestOutputHelper output)
{
    private const int Device = 7;

    public static TheoryData<int> Seeds => EngineTrial.Seeds(10);

    [Theory, MemberData(nameof(Seeds))]
    public void One_devices_stuck_channel_is_named_and_never_the_fleets(int seed)
    {
        var held = float.NaN;
        OneDevice(new(seed), "T50", DeviceFaultKind.Stuck, value => held = float.IsNaN(held) ? value : held);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void One_devices_offset_channel_is_named_and_never_the_fleets(int seed)
    {
        var trial = new EngineTrial(seed);
        var spread = trial.Monitor.Spec.Channels.Single(c => c.Name == "Ps30").Scale;
        OneDevice(trial, "Ps30", DeviceFaultKind.Offset, value => value + 4 * spread);
    }

    private void OneDevice(EngineTrial trial, string channel, DeviceFaultKind kind, Func<float, float> spoil)
    {
        var at = Array.FindIndex(trial.Monitor.Spec.Channels, c => c.Name == channel);
        var broken = false;
        var fleet = trial.Fleet(FleetAges.Staggered, changes: false, (device, tick, age, row) =>
        {
            // In mid-life: about a replacement an offset is not told from the new machine (see the decision on drift statistics).
            broken |= device == Device && tick >= 150 && age == 60;
            if (device == Device && broken)
            {
                row[at] = spoil(row[at]);
            }
        });
        var (_, all) = fleet.Watch(trial.Monitor, 800, _ => false);
        var first = all.FirstOrDefault(v => v.Cause == DriftCause.Device);
        output.WriteLine($"{first?.Watermark} {string.Join("; ", first?.Evidence ?? [])}; all {string.Join(' ', all.SelectMany(v => v.Faults.Select(f => $"{f.Device}/{f.Channel}/{f.Kind}")).Distinct())}");

        Assert.All(all, v => Assert.NotEqual(DriftCause.Fleet, v.Cause));
        Assert.NotNull(first);
        Assert.True(first.Watermark >= 150);
        var faults = all.SelectMany(v => v.Faults).Select(f => (f.Device, f.Channel, f.Kind)).Distinct();
        Assert.Equal([(SimulatedFleet.Name(Device), channel, kind)], faults);
    }
}
