using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Features;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training.Features;

public sealed class FeatureGraphTests
{
    private static readonly ModelDefinition s_definition = WearingMachines.Definition;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void The_graph_computes_what_the_formulas_say(bool twoSpeeds, int regimes)
    {
        List<UnitHistory> units = WearingMachines.Failed(6, seed: 3, twoSpeeds: twoSpeeds);
        Normalisation normalisation = Normalisation.Fit(s_definition, units);
        WindowSet windows = WindowSet.Of(s_definition, units);
        var graph = new FeatureGraph(s_definition, normalisation);
        using var scorer = new OnnxScorer(graph.ToModel());
        float[] features = scorer.Score(windows, 64, ["features"], TestContext.Current.CancellationToken)[0];

        Assert.Equal(regimes, normalisation.Regimes.Count);
        windows.Read(1, (row, window) =>
        {
            double[] expected = ByHand(normalisation, window);
            Assert.Equal(graph.Count, expected.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i], features[(row * expected.Length) + i], 1.0 / 4096);
            }
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Features_do_not_depend_on_the_batch_size_in_any_bit()
    {
        List<UnitHistory> units = WearingMachines.Failed(6, seed: 4, twoSpeeds: true);
        WindowSet windows = WindowSet.Of(s_definition, units);
        using var scorer = new OnnxScorer(new FeatureGraph(s_definition, Normalisation.Fit(s_definition, units)).ToModel());
        float[] Run(int batch) => scorer.Score(windows, batch, ["features"], TestContext.Current.CancellationToken)[0];

        Assert.Equal(Run(1), Run(7));
        Assert.Equal(Run(1), Run(256));
    }

    [Fact]
    public void A_missing_sensor_counts_as_its_regimes_mean_and_a_missing_setting_as_the_training_mean()
    {
        List<UnitHistory> units = WearingMachines.Failed(6, seed: 5);
        Normalisation normalisation = Normalisation.Fit(s_definition, units);
        using var scorer = new OnnxScorer(new FeatureGraph(s_definition, normalisation).ToModel());
        float[] Run(float speed, float vibration, float temperature) =>
            scorer.Score([.. Enumerable.Repeat(new[] { speed, vibration, temperature, 7 }, 20).SelectMany(frame => frame)], 1, 20, 4, ["features"])[0];

        Assert.Equal(Run(1500, (float)normalisation.Mean[0], (float)normalisation.Mean[1]), Run(float.NaN, float.NaN, float.NaN));
        Assert.All(Run(float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Channels_that_say_nothing_of_wear_are_left_out()
    {
        Normalisation normalisation = Normalisation.Fit(s_definition, WearingMachines.Failed(6, seed: 6));

        Assert.Equal([1, 2], normalisation.Channels);
    }

    [Fact]
    public void Units_without_any_wear_are_refused_with_the_models_name()
    {
        UnitHistory flat = new() { Unit = "press-01#1", Channels = 4, Values = new float[4 * 100], End = UnitEnd.Failed };

        var error = Assert.Throws<TrainingException>(() => Normalisation.Fit(s_definition, [flat]));

        Assert.Contains("press", error.Message, StringComparison.Ordinal);
    }

    private static double[] ByHand(Normalisation normalisation, float[] window)
    {
        int channels = normalisation.Channels.Count, frames = s_definition.Window;
        var series = new double[channels + 1][];
        for (int i = 0; i <= channels; i++)
        {
            series[i] = new double[frames];
        }

        var z = new double[channels];
        for (int t = 0; t < frames; t++)
        {
            normalisation.Apply(window.AsSpan(t * 4, 4), z);
            for (int i = 0; i < channels; i++)
            {
                series[i][t] = z[i];
                series[channels][t] += z[i] * normalisation.HealthIndex[i];
            }
        }

        double Deviation(double[] values) => Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2)));
        return
        [
            .. TimeFunctionals.Over(frames).SelectMany(row => series.Select(values => row.Zip(values, (a, b) => a * b).Sum())),
            .. series.Select(Deviation),
        ];
    }
}
