using System.Globalization;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Windows;

namespace MlOps.Edge.Cloud.Training;

/// <summary>
/// Holds a finished file against what it was made from, as the last step of a run. What fails here is a defect of ours and not
/// of the model, so the run fails; nothing is registered.
/// </summary>
internal static class ArtifactValidation
{
    private const int LatencyRuns = 101;

    /// <summary>A single window, a batch that no kernel width divides, a large one: a graph must not care.</summary>
    private static readonly int[] s_batches = [1, 7, 256];

    /// <param name="expected">The trainer's own RUL for every judged window.</param>
    /// <exception cref="TrainingException">A limit is broken.</exception>
    public static ArtifactChecks Validate(
        byte[] model, WindowSet judged, double[] expected, ConformalBand band, ArtifactLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        using var scorer = new OnnxScorer(model);
        double parity = s_batches.Max(batch => Difference(scorer.Score(judged, batch, RulModel.Outputs, cancellationToken), expected, band));
        Require(parity <= limits.Parity, $"the written graph and its trainer differ by {parity:G3} intervals, {limits.Parity:G3} is allowed");
        Require(model.Length <= limits.Bytes, $"the model has {model.Length} bytes, {limits.Bytes} are allowed");

        double latency = Latency(scorer, judged, time, cancellationToken);
        Require(latency <= limits.LatencyMs, $"a window takes {latency:F2} ms, {limits.LatencyMs} are allowed");
        return new(parity, model.Length, latency);
    }

    private static double Difference(float[][] outputs, double[] expected, ConformalBand band)
    {
        double largest = 0;
        for (int row = 0; row < expected.Length; row++)
        {
            (double lower, double upper) = band.Around(expected[row]);
            largest = Worse(largest, outputs[0][row] - expected[row]);
            largest = Worse(largest, outputs[1][row] - lower);
            largest = Worse(largest, outputs[2][row] - upper);
        }

        return largest;
    }

    /// <summary>NaN is the worst difference of all.</summary>
    private static double Worse(double largest, double difference) =>
        double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, Math.Abs(difference));

    private static double Latency(OnnxScorer scorer, WindowSet judged, TimeProvider time, CancellationToken cancellationToken)
    {
        var window = new float[judged.WindowSize];
        var milliseconds = new double[LatencyRuns];
        for (int run = 0; run < LatencyRuns; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = time.GetTimestamp();
            scorer.Score(window, 1, judged.Definition.Window, judged.Definition.Channels.Count, RulModel.Outputs);
            milliseconds[run] = time.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        return milliseconds[LatencyRuns / 2];
    }

    private static void Require(bool met, FormattableString otherwise)
    {
        if (!met)
        {
            throw new TrainingException(otherwise.ToString(CultureInfo.InvariantCulture));
        }
    }
}
