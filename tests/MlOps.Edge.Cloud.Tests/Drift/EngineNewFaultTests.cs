using MlOps.Edge.Cloud.Drift;

namespace MlOps.Edge.Cloud.Tests.Drift;

public sealed class EngineNewFaultTests(ITestOutputHelper output)
{
    public static TheoryData<int> Seeds => EngineTrial.Seeds(10);

    [Theory, MemberData(nameof(Seeds))]
    public void A_new_fault_mode_is_seen_within_200_cycles_as_the_fleets_and_nothing_before_it(int seed)
    {
        var trial = new EngineTrial(seed);
        var (found, all) = trial.Fleet(FleetAges.Staggered, changes: true)
            .Watch(trial.Monitor, 1200, v => v is { Level: DriftVerdictKind.Drift, Cause: DriftCause.Fleet });
        output.WriteLine($"seed {seed}: delay {found?.Watermark - EngineTrial.ChangeTick} {found?.Detector} [{string.Join(' ', found?.Channels ?? [])}] on {found?.Devices.Count} devices; faults {string.Join(' ', all.SelectMany(v => v.Faults.Select(f => $"{f.Device}/{f.Channel}/{f.Kind}")).Distinct())}");
        output.WriteLine(found?.Evidence[0] ?? "-");

        Assert.NotNull(found);
        Assert.All(all.Where(v => v.Watermark <= EngineTrial.ChangeTick), v => Assert.NotEqual(DriftVerdictKind.Drift, v.Level));
        Assert.InRange(found.Watermark - EngineTrial.ChangeTick, 1, 200);
        Assert.True(found.Devices.Count > 1);
    }
}
