using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Field;

namespace MlOps.Edge.Cloud.Tests.Drift;

public sealed class FieldErrorTestTests
{
    [Fact]
    public void Units_like_the_judge_units_keep_the_budget()
    {
        var alarms = 0;
        for (var seed = 1UL; seed <= 400; seed++)
        {
            var random = new SplitMix(seed);
            alarms += Run(random, units: 120, harder: int.MaxValue) is null ? 0 : 1;
        }

        // One in twenty is allowed by the bound N / c.
        Assert.True(alarms <= 20, $"{alarms} of 400 quiet horizons alarmed");
    }

    [Fact]
    public void Harder_units_are_noticed_after_a_dozen_failures()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var at = Run(new SplitMix(seed), units: 120, harder: 30);
            Assert.NotNull(at);
            Assert.InRange(at.Value, 30, 45);
        }
    }

    [Fact]
    public void Units_weigh_the_same_however_many_windows_they_have()
    {
        var both = FieldPerformance.Of([Score(1, error: 10), Score(99, error: 0)])!;
        Assert.Equal(Math.Sqrt(50), both.Rmse, 12);
    }

    private static UnitScore Score(int windows, double error) =>
        UnitScore.Of("a#1", Enumerable.Range(0, windows).Select(i => new RulPrediction(i, 200 - i + error, 0, 300)), 200, 1000)!;

    private static int? Run(SplitMix random, int units, int harder)
    {
        var test = FieldErrorTest.For(units, 0.05, minimumUnits: 5);
        var state = FieldErrorState.Begin(Enumerable.Range(0, 20).Select(_ => 10 + (10 * random.Uniform())));
        for (var unit = 0; unit < units; unit++)
        {
            state = FieldErrorTest.Add(state, $"dev-{unit % 20}", (unit >= harder ? 25 : 10) + (10 * random.Uniform()));
            if (test.HasDrifted(state))
            {
                return unit;
            }
        }

        return null;
    }
}
