using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Splitting;

namespace MlOps.Edge.Cloud.Tests.Training.Splitting;

public sealed class UnitSplitTests
{
    private static readonly SplitOptions s_options = new();
    private static readonly List<UnitHistory> s_first = WearingMachines.Failed(60, seed: 1);
    private static readonly List<UnitHistory> s_later = WearingMachines.Failed(22, seed: 2, prefix: "field");

    [Fact]
    public void No_unit_both_teaches_and_judges_and_every_unit_does_one()
    {
        UnitSplit split = UnitSplit.Empty.With(s_first, 1, s_options);

        Assert.Empty(split.Train.Intersect(split.Judge));
        Assert.Equal(48, split.Train.Count());
        Assert.Equal(12, split.Judge.Count());
    }

    [Fact]
    public void A_unit_keeps_its_side_when_others_come_later()
    {
        UnitSplit before = UnitSplit.Empty.With(s_first, 1, s_options);
        UnitSplit after = before.With([.. s_first, .. s_later], 1, s_options);

        Assert.All(before.Assignments, assignment => Assert.Equal(assignment, after[assignment.Unit]));
        Assert.Equal(4, after.Judge.Count() - 12);
        Assert.All(s_later, unit => Assert.Equal(1, after[unit.Unit].Cohort));
    }

    [Fact]
    public void The_order_of_the_units_does_not_matter_but_the_seed_does()
    {
        UnitSplit split = UnitSplit.Empty.With(s_first, 1, s_options);

        Assert.Equal(split.Assignments, UnitSplit.Empty.With([.. s_first.AsEnumerable().Reverse()], 1, s_options).Assignments);
        Assert.NotEqual(split.Judge, UnitSplit.Empty.With(s_first, 2, s_options).Judge);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Judges_live_as_long_as_the_others_on_average(int seed)
    {
        UnitSplit split = UnitSplit.Empty.With(s_first, seed, s_options);
        double Mean(UnitSide side) => s_first.Where(unit => split[unit.Unit].Side == side).Average(unit => unit.Frames);

        Assert.InRange(Mean(UnitSide.Judge) / Mean(UnitSide.Train), 0.93, 1.07);
    }

    [Fact]
    public void A_unit_that_did_not_fail_never_judges()
    {
        List<UnitHistory> running = [.. s_later.Select(unit => WearingMachines.Part(unit, 0, unit.Frames - 5, UnitEnd.Running))];
        UnitSplit split = UnitSplit.Empty.With([.. s_first, .. running], 1, s_options);

        Assert.All(running, unit => Assert.Equal(UnitSide.Train, split[unit.Unit].Side));
    }

    [Fact]
    public void Folds_have_equal_shares_of_each_cohort()
    {
        UnitSplit split = UnitSplit.Empty.With(s_first, 1, s_options).With(s_later, 1, s_options);

        Assert.All(
            split.Assignments.Where(assignment => assignment.Side == UnitSide.Train).GroupBy(assignment => (assignment.Cohort, assignment.Fold)),
            fold => Assert.InRange(fold.Count(), fold.Key.Cohort == 0 ? 9 : 3, fold.Key.Cohort == 0 ? 10 : 4));
    }
}
