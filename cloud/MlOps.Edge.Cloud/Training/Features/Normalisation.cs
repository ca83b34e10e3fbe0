using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Features;

/// <summary>
/// What is fitted on the training units before any learner sees them: which channels say something of wear, their mean and
/// spread in each regime, and a fused health index. Fitted in canonical order, in doubles, hence repeatable.
/// </summary>
internal sealed record Normalisation
{
    /// <summary>A channel whose z-score correlates with RUL less than this, in absolute value, is left out.</summary>
    private const double LeastCorrelation = 0.05;

    /// <summary>A channel whose spread is below this part of its level stands still.</summary>
    private const double LeastSpread = 1e-5;

    public required RegimeMap Regimes { get; init; }

    /// <summary>The columns of the channels in use, ascending.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>Row-major <c>[regimes, channels in use]</c>.</summary>
    public required double[] Mean { get; init; }

    /// <summary>1 / standard deviation, 0 where the channel stands still; row-major <c>[regimes, channels in use]</c>.</summary>
    public required double[] Inverse { get; init; }

    /// <summary>Weights of the health index: the ridge regression of RUL on the z-scores, scaled to unit variance.</summary>
    public required double[] HealthIndex { get; init; }

    /// <exception cref="TrainingException">No channel moves with RUL.</exception>
    public static Normalisation Fit(ModelDefinition definition, IReadOnlyList<UnitHistory> units)
    {
        RegimeMap regimes = RegimeMap.Fit(definition, units);
        int[] sensors = [.. Enumerable.Range(0, definition.Channels.Count)
            .Where(channel => definition.Channels[channel].Role == ChannelRole.Sensor)];
        (double[] mean, double[] inverse) = Moments(units, regimes, sensors);
        var all = new Normalisation { Regimes = regimes, Channels = sensors, Mean = mean, Inverse = inverse, HealthIndex = [] };

        RulRegression everything = RulRegression.Over(all, units, definition.RulCap);
        int[] kept = [.. Enumerable.Range(0, sensors.Length)
            .Where(i => Math.Abs(everything.Correlation(i)) > LeastCorrelation)];
        if (kept.Length == 0)
        {
            throw new TrainingException(
                $"no sensor channel of '{definition.Name}' moves with remaining life in {units.Count} units: record more failures or other channels");
        }

        double[] Keep(double[] values) => [.. Enumerable.Range(0, regimes.Count)
            .SelectMany(regime => kept.Select(i => values[(regime * sensors.Length) + i]))];
        return all with
        {
            Channels = [.. kept.Select(i => sensors[i])],
            Mean = Keep(mean),
            Inverse = Keep(inverse),
            HealthIndex = everything.Ridge(kept),
        };
    }

    /// <summary>The z-scores of one raw frame; a missing value is 0, its regime's mean.</summary>
    public void Apply(ReadOnlySpan<float> frame, Span<double> z)
    {
        int row = Regimes.Of(frame) * Channels.Count;
        for (int i = 0; i < Channels.Count; i++)
        {
            double value = (frame[Channels[i]] - Mean[row + i]) * Inverse[row + i];
            z[i] = double.IsNaN(value) ? 0 : Math.Clamp(value, -FeatureGraph.Clip, FeatureGraph.Clip);
        }
    }

    private static (double[] Mean, double[] Inverse) Moments(IReadOnlyList<UnitHistory> units, RegimeMap regimes, int[] sensors)
    {
        // Welford's recurrence (Technometrics 4, 1962): one pass, no cancellation on channels such as 2388.02 ± 0.07.
        int size = regimes.Count * sensors.Length;
        double[] mean = new double[size], square = new double[size];
        var count = new long[size];
        foreach (UnitHistory unit in units)
        {
            for (int frame = 0; frame < unit.Frames; frame++)
            {
                ReadOnlySpan<float> values = unit.Row(frame);
                int row = regimes.Of(values) * sensors.Length;
                for (int i = 0; i < sensors.Length; i++)
                {
                    double value = values[sensors[i]];
                    if (double.IsFinite(value))
                    {
                        double before = value - mean[row + i];
                        mean[row + i] += before / ++count[row + i];
                        square[row + i] += before * (value - mean[row + i]);
                    }
                }
            }
        }

        var inverse = new double[size];
        for (int i = 0; i < size; i++)
        {
            double spread = count[i] == 0 ? 0 : Math.Sqrt(square[i] / count[i]);
            inverse[i] = spread > LeastSpread * Math.Max(1, Math.Abs(mean[i])) ? 1 / spread : 0;
        }

        return (mean, inverse);
    }
}
