using MlOps.Edge.Cloud.Drift;

namespace MlOps.Edge.Cloud.Tests.Drift;

public sealed class EngineQuietTests(ITestOutputHelper output)
{
    public static TheoryData<int> Seeds => EngineTrial.Seeds(20);

    [Theory, MemberData(nameof(Seeds))]
    public void A_quiet_fleet_stays_quiet_fresh_ageing_together_or_staggered(int seed)
    {
        var trial = new EngineTrial(seed);
        foreach (var ages in Enum.GetValues<FleetAges>())
        {
            var (found, all) = trial.Fleet(ages, changes: false).Watch(trial.Monitor, 1200, v => v.Level == DriftVerdictKind.Drift);
            output.WriteLine($"seed {seed} {ages}: highest score {all.Max(v => v.Scores.Max(s => Math.Abs(s.Score))):0.00} {found?.Evidence[0]}");
            Assert.Null(found);
        }
    }
}
