using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Windows;

namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>Runs a finished model over every window of some units, as a device would, and says how well it did.</summary>
internal static class ModelJudge
{
    private const int Batch = 256;

    /// <param name="model">An ONNX file with the outputs of <see cref="RulModel.Outputs"/>.</param>
    /// <param name="windows">The windows of units that the model has not seen.</param>
    /// <param name="split">Tells each unit's cohort; the latest one is the new cohort, unless it is the only one.</param>
    /// <exception cref="TrainingException">There is no window.</exception>
    public static ModelEvaluation Judge(byte[] model, WindowSet windows, UnitSplit split, CancellationToken cancellationToken)
    {
        using var scorer = new OnnxScorer(model);
        float[][] outputs = scorer.Score(windows, Batch, RulModel.Outputs, cancellationToken);
        return Evaluate(windows, outputs, split);
    }

    /// <param name="outputs">One array per name of <see cref="RulModel.Outputs"/>, one value per row of the windows.</param>
    public static ModelEvaluation Evaluate(WindowSet windows, IReadOnlyList<float[]> outputs, UnitSplit split)
    {
        double cap = windows.Definition.RulCap;
        WindowScore[] scores = [.. windows.Rows.Select((row, i) => new WindowScore(
            row.Unit,
            windows.Units[row.Unit].FirstFrame + row.Frame,
            row.Target,
            Math.Min(outputs[0][i], cap),
            outputs[1][i],
            outputs[2][i]))];
        Metrics overall = Metrics.Over(scores) ?? throw new TrainingException("no unit with a recorded failure is held out to judge by");

        int newest = windows.Units.Max(unit => split[unit.Unit].Cohort);
        bool IsNew(int unit) => newest > 0 && split[windows.Units[unit].Unit].Cohort == newest;
        return new(
            overall,
            [.. Slices.Of(windows.Definition, IsNew)
                .Select(slice => (slice.Name, Metrics: Metrics.Over([.. scores.Where(slice.Contains)])))
                .Where(slice => slice.Metrics is not null)
                .Select(slice => new SliceMetrics(slice.Name, slice.Metrics!))],
            [.. scores.GroupBy(score => score.Unit)
                .Select(unit => new UnitMetrics(
                    windows.Units[unit.Key].Unit, split[windows.Units[unit.Key].Unit].Cohort, Metrics.Over([.. unit])!))]);
    }
}
