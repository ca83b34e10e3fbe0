using MlOps.Edge.Cloud.Training.Evaluation;

namespace MlOps.Edge.Cloud.Tests.Training.Evaluation;

public sealed class GateTests
{
    private const double Cap = 125;

    private static readonly GateOptions s_options = new();

    [Fact]
    public void A_challenger_that_is_better_on_the_new_and_no_worse_on_the_known_is_blessed()
    {
        GateDecision decision = Gate.Decide(Model(known: 12.5, fresh: 14), Model(known: 12, fresh: 25), Cap, s_options);

        Assert.True(decision.Blessed, decision.Reason);
        Assert.Contains("44% less", decision.Reason.Replace(" %", "%", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_agrees_with_wrong_new_labels_but_forgot_the_known_is_refused()
    {
        GateDecision decision = Gate.Decide(Model(known: 18, fresh: 45), Model(known: 12, fresh: 70), Cap, s_options);

        Assert.False(decision.Blessed);
        Assert.Contains("units that the champion knows", decision.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("labelled since", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_worse_on_the_new_cohort_is_refused() =>
        Assert.False(Gate.Decide(Model(known: 12, fresh: 26), Model(known: 12, fresh: 25), Cap, s_options).Blessed);

    [Fact]
    public void One_whose_interval_has_swollen_is_refused() =>
        Assert.False(Gate.Decide(Model(known: 12, fresh: 20, width: 70), Model(known: 12, fresh: 25, width: 30), Cap, s_options).Blessed);

    [Theory]
    [InlineData(0.79, false)]
    [InlineData(0.81, true)]
    public void An_interval_must_cover_enough(double coverage, bool blessed) =>
        Assert.Equal(blessed, Gate.Decide(Model(12, 20, coverage: coverage), Model(12, 25), Cap, s_options).Blessed);

    [Fact]
    public void A_difference_that_is_nothing_against_a_life_does_not_refuse() =>
        Assert.True(Gate.Decide(Model(known: 3, fresh: 10, width: 12), Model(known: 2, fresh: 40, width: 6), Cap, s_options).Blessed);

    [Fact]
    public void Too_few_known_units_cannot_bless() =>
        Assert.False(Gate.Decide(Model(12, 20, units: 4), Model(12, 25, units: 4), Cap, s_options).Blessed);

    [Theory]
    [InlineData(12, true)]
    [InlineData(39, false)]
    public void A_first_version_must_beat_a_constant_answer(double error, bool blessed) =>
        Assert.Equal(blessed, Gate.Decide(Model(error, error), champion: null, Cap, s_options).Blessed);

    private static ModelEvaluation Model(double known, double fresh, double coverage = 0.9, double width = 30, int units = 12)
    {
        Metrics Of(double rmse) => new(units, 200 * units, rmse, rmse, coverage, width, 1, 40);
        return new(Of(known), [new(Slices.Known, Of(known)), new(Slices.New, Of(fresh))], []);
    }
}
