using MlOps.Edge.Cloud.Training.Evaluation;

namespace MlOps.Edge.Cloud.Tests.Training.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void Units_weigh_the_same_in_the_unit_error_and_windows_in_the_other()
    {
        WindowScore[] windows = [Score(0, 100, 110), Score(0, 50, 60), Score(0, 20, 30), Score(1, 50, 90)];

        Metrics metrics = Metrics.Over(windows)!;

        Assert.Equal(Math.Sqrt((100 + 100 + 100 + 1600) / 4.0), metrics.Rmse, 1e-9);
        Assert.Equal(Math.Sqrt((100 + 1600) / 2.0), metrics.UnitRmse, 1e-9);
        Assert.Equal(2, metrics.Units);
    }

    [Theory]
    [InlineData(50, 60, 1.7182818)]
    [InlineData(50, 37, 1.7182818)]
    [InlineData(50, 50, 0)]
    public void The_score_of_Saxena_punishes_late_predictions_more(double truth, double predicted, double score) =>
        Assert.Equal(score, Score(0, truth, predicted).NasaScore, 1e-6);

    [Fact]
    public void Coverage_and_width_are_those_of_the_interval()
    {
        Metrics metrics = Metrics.Over([new(0, 0, 50, 50, 40, 60), new(0, 1, 50, 70, 60, 80), new(0, 2, 125, 110, 90, 125)])!;

        Assert.Equal(2.0 / 3, metrics.Coverage, 1e-9);
        Assert.Equal((20 + 20 + 35) / 3.0, metrics.MeanWidth, 1e-9);
    }

    private static WindowScore Score(int unit, double truth, double predicted) => new(unit, 0, truth, predicted, predicted - 5, predicted + 5);
}
