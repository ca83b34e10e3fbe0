using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Tests.Scenario;

public class ScenarioTruthTests
{
    [Fact]
    public void What_was_written_is_read_back()
    {
        var (plan, source) = FleetPlanTests.Plan("pump", "one-device", 1);
        var read = ScenarioTruth.Parse(ScenarioTruth.Of(plan).ToJson());

        Assert.Equal((plan.ChangeTick, Change.OneDevice), (read.ChangeTick, read.Change));
        Assert.Equal(plan.Devices[plan.Fault!.Device].Device, read.Fault!.Device);
        Assert.Equal(source.Kind.Channels[plan.Fault.Channel].Name, read.Fault.Channel);
        Assert.Equal(ScenarioTruth.Of(plan).Stints, read.Stints);
        Assert.All(read.Stints, stint => Assert.Equal(stint.End == StintEnd.Failed, stint.FirstAge + stint.LastTick - stint.FirstTick == source.LifeOf(stint.Unit) - 1));
    }
}
