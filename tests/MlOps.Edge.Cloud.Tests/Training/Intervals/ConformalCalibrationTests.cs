using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Tests.Training.Intervals;

public sealed class ConformalCalibrationTests
{
    private const double Cap = 100;

    [Fact]
    public void The_interval_covers_its_nominal_part_of_units_it_was_not_fitted_on()
    {
        ConformalBand band = ConformalCalibration.Fit(Residuals(units: 60, seed: 1), Cap, coverage: 0.9);

        double covered = Residuals(units: 200, seed: 2).Average(residual =>
        {
            (double lower, double upper) = band.Around(residual.Predicted);
            return residual.Target >= lower && residual.Target <= upper ? 1.0 : 0;
        });

        Assert.InRange(covered, 0.86, 0.94);
    }

    [Fact]
    public void It_is_narrow_near_the_end_of_life_and_ends_at_the_cap()
    {
        ConformalBand band = ConformalCalibration.Fit(Residuals(units: 60, seed: 1), Cap, coverage: 0.9);
        double Width(double rul) => band.Around(rul).Upper - band.Around(rul).Lower;

        Assert.True(Width(2) < Width(60) / 2);
        Assert.Equal(Cap, band.Around(Cap).Upper);
        Assert.True(band.Around(0).Lower >= 0);
    }

    [Fact]
    public void The_graph_draws_the_same_band()
    {
        ConformalBand band = ConformalCalibration.Fit(Residuals(units: 30, seed: 3), Cap, coverage: 0.9);
        var graph = new OnnxGraph("band");
        OnnxValue rul = graph.Add("Reshape", [graph.Input("window", OnnxElement.Float, OnnxAxis.Batch, 1, 1), graph.Constant([0L, 1], 2)]);
        graph.Output("lower", band.AddTo(graph, rul, band.Lower), OnnxElement.Float, OnnxAxis.Batch, 1);
        graph.Output("upper", band.AddTo(graph, rul, band.Upper), OnnxElement.Float, OnnxAxis.Batch, 1);
        using var scorer = new OnnxScorer(graph.ToBytes());
        float[] predictions = [.. Enumerable.Range(0, 401).Select(i => i / 4f)];

        float[][] drawn = scorer.Score(predictions, predictions.Length, 1, 1, ["lower", "upper"]);

        for (int i = 0; i < predictions.Length; i++)
        {
            (double lower, double upper) = band.Around(predictions[i]);
            Assert.Equal(lower, Math.Clamp(drawn[0][i], 0, Cap), 1e-3);
            Assert.Equal(upper, Math.Clamp(drawn[1][i], 0, Cap), 1e-3);
        }
    }

    /// <summary>Errors that grow with RUL, with a part that all windows of a unit share.</summary>
    private static List<Residual> Residuals(int units, int seed)
    {
        var random = new SplitMix((ulong)seed);
        var residuals = new List<Residual>();
        for (int unit = 0; unit < units; unit++)
        {
            double shared = random.NextDouble() - 0.5;
            for (int rul = 0; rul < 140; rul += 2)
            {
                double target = Math.Min(rul, Cap);
                double predicted = Math.Clamp(target + ((shared + random.NextDouble() - 0.5) * (2 + (target * 0.4))), 0, Cap);
                residuals.Add(new(unit, predicted, target));
            }
        }

        return residuals;
    }
}
