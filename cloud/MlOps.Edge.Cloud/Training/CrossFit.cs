using MlOps.Edge.Cloud.Training.Features;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trees;
using MlOps.Edge.Cloud.Training.Windows;

namespace MlOps.Edge.Cloud.Training;

/// <summary>
/// One model for each fold of units, trained on all the others; their average is the model, and what each says of its own
/// fold calibrates the interval. So every training unit is a calibration unit too, but never for a model that has seen it.
/// </summary>
internal sealed class CrossFit : IDisposable
{
    private const int Batch = 256;

    // A device is mounted on a worn machine once, and sees its successors from new: an interval that every window pays for in
    // full would be as much too wide for whole lives (docs/decisions/training-in-one-graph.md has the figures).
    private const double LateStartWeight = 0.25;

    private readonly FeatureGraph _graph;
    private readonly ITrainedTrees[] _folds;
    private readonly double _cap;

    private CrossFit(FeatureGraph graph, ITrainedTrees[] folds, IReadOnlyList<Residual> residuals, double cap)
    {
        _graph = graph;
        _folds = folds;
        _cap = cap;
        Residuals = residuals;
        Trees = TreeEnsemble.Average([.. folds.Select(fold => fold.Trees)]);
    }

    /// <summary>The average of the folds' models.</summary>
    public TreeEnsemble Trees { get; }

    /// <summary>What the folds' models said of the windows that they had not seen.</summary>
    public IReadOnlyList<Residual> Residuals { get; }

    /// <param name="windows">The windows of the units that train.</param>
    /// <param name="seed">Folds derive their own seeds from it.</param>
    public static CrossFit Train(
        WindowSet windows, Normalisation normalisation, UnitSplit split, ITrainer trainer, TrainingOptions options, long seed, CancellationToken cancellationToken)
    {
        var graph = new FeatureGraph(windows.Definition, normalisation);
        float[] features = Features(graph, windows, cancellationToken);
        int[] foldOf = [.. windows.Units.Select(unit => split[unit.Unit].Fold)];
        var folds = new ITrainedTrees[foldOf.Max() + 1];
        var residuals = new Residual[windows.Rows.Count];
        double cap = windows.Definition.RulCap;
        try
        {
            Parallel.For(
                0,
                folds.Length,
                new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken },
                fold =>
                {
                    FeatureTable seen = Table(features, graph.Count, windows, row => foldOf[row.Unit] != fold);
                    folds[fold] = trainer.Train(seen, options.Boosting, (int)(unchecked((seed * 31) + fold) & int.MaxValue), cancellationToken);
                    Calibrate(folds[fold], features, graph.Count, windows, row => foldOf[row.Unit] == fold, residuals);
                });
            return new(graph, folds, residuals, cap);
        }
        catch
        {
            foreach (ITrainedTrees? fold in folds)
            {
                fold?.Dispose();
            }

            throw;
        }
    }

    /// <summary>The trainer's own answers, by its own code: what the finished graph must agree with.</summary>
    /// <returns>RUL of every window, in [0, cap].</returns>
    public double[] Predict(WindowSet windows, CancellationToken cancellationToken)
    {
        float[] features = Features(_graph, windows, cancellationToken);
        double[][] answers = [.. _folds.Select(fold => fold.Predict(features, _graph.Count))];
        return [.. Enumerable.Range(0, windows.Rows.Count)
            .Select(row => Math.Clamp(answers.Average(answer => answer[row]), 0, _cap))];
    }

    public void Dispose()
    {
        foreach (ITrainedTrees fold in _folds)
        {
            fold.Dispose();
        }
    }

    private static float[] Features(FeatureGraph graph, WindowSet windows, CancellationToken cancellationToken)
    {
        using var scorer = new OnnxScorer(graph.ToModel());
        return scorer.Score(windows, Batch, ["features"], cancellationToken)[0];
    }

    private static FeatureTable Table(float[] features, int columns, WindowSet windows, Func<WindowRow, bool> include)
    {
        int[] rows = Rows(windows, include);
        if (rows.Length == 0)
        {
            throw new TrainingException("a fold has no windows to learn from: record more failures or ask for fewer folds");
        }

        var table = new FeatureTable(new float[rows.Length * columns], columns, new float[rows.Length], new float[rows.Length]);
        for (int i = 0; i < rows.Length; i++)
        {
            features.AsSpan(rows[i] * columns, columns).CopyTo(table.Features.AsSpan(i * columns));
            table.Targets[i] = (float)windows.Rows[rows[i]].Target;
            table.Weights[i] = 1;
        }

        return table;
    }

    private static void Calibrate(
        ITrainedTrees trained, float[] features, int columns, WindowSet windows, Func<WindowRow, bool> include, Residual[] residuals)
    {
        int[] rows = Rows(windows, include);
        var unseen = new float[rows.Length * columns];
        for (int i = 0; i < rows.Length; i++)
        {
            features.AsSpan(rows[i] * columns, columns).CopyTo(unseen.AsSpan(i * columns));
        }

        double[] answers = trained.Predict(unseen, columns);
        for (int i = 0; i < rows.Length; i++)
        {
            WindowRow row = windows.Rows[rows[i]];
            residuals[rows[i]] = new(row.Unit, Math.Clamp(answers[i], 0, windows.Definition.RulCap), row.Target, row.Start == 0 ? 1 : LateStartWeight);
        }
    }

    private static int[] Rows(WindowSet windows, Func<WindowRow, bool> include) =>
        [.. Enumerable.Range(0, windows.Rows.Count).Where(i => include(windows.Rows[i]))];
}
