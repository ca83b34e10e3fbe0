using System.Text.Json;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Tests.Scenario;

public class TruthLedgerTests
{
    [Fact]
    public void A_ledger_that_is_read_back_has_every_frame_of_the_plan_once()
    {
        var (plan, _) = FleetPlanTests.Plan("pump", "new-fault", 1);
        var written = Write(plan, Enumerable.Range(0, 600));

        var read = TruthLedger.Read(new StringReader(written));
        Assert.Equal(600 * plan.Devices.Count, read.Sum(run => run.LastAge - run.FirstAge + 1));
        Assert.All(read.GroupBy(run => (run.Asset, run.Installation)), installation => Assert.Single(installation));
    }

    [Fact]
    public void Frames_that_were_noted_again_after_a_crash_count_once_and_a_hole_stays_a_hole()
    {
        var (plan, _) = FleetPlanTests.Plan("pump", "none", 1);
        var (before, after) = (Write(plan, Enumerable.Range(0, 10)), Write(plan, Enumerable.Range(7, 10).Concat([20, 21])));

        var read = TruthLedger.Read(new StringReader(before + after));
        Assert.Equal(19, read.Where(run => run.Device == "device-01").Sum(run => run.LastAge - run.FirstAge + 1));
        Assert.Equal(2, read.Count(run => run.Device == "device-01"));
    }

    [Fact]
    public void A_line_that_is_no_run_is_refused() =>
        Assert.Throws<JsonException>(() => TruthLedger.Read(new StringReader("""{"device":"device-01"}""")));

    private static string Write(FleetPlan plan, IEnumerable<int> ticks)
    {
        using var text = new StringWriter();
        var ledger = new TruthLedger(text);
        foreach (var at in ticks.SelectMany(plan.At))
        {
            ledger.Commit(at);
        }

        ledger.Flush();
        return text.ToString();
    }
}
