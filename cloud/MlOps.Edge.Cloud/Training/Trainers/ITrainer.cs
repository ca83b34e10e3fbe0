using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Training.Trainers;

/// <summary>
/// Learns a regression from a table of features. A strategy: register another implementation and name it in
/// <see cref="TrainingOptions.Trainer"/>. Must be deterministic (same table, settings and seed → same trees, to the bit) and
/// use the calling thread alone: the pipeline trains several folds at a time.
/// </summary>
internal interface ITrainer
{
    /// <summary>What the options call it, e.g. <c>lightgbm</c>.</summary>
    string Name { get; }

    /// <summary>Of the learning code; recorded with each model.</summary>
    string Version { get; }

    /// <summary>Why it cannot run on this machine, as the end of a sentence; null where it can.</summary>
    string? Unavailable { get; }

    /// <exception cref="OperationCanceledException">Between two trees.</exception>
    ITrainedTrees Train(FeatureTable table, BoostingOptions options, int seed, CancellationToken cancellationToken);
}

/// <summary>What a trainer learned. Disposed when the run has been checked.</summary>
internal interface ITrainedTrees : IDisposable
{
    TreeEnsemble Trees { get; }

    /// <summary>The trainer's own prediction, by its own code, which the written graph is held against.</summary>
    /// <param name="features">Row-major <c>[rows, F]</c>.</param>
    /// <returns>One prediction per row.</returns>
    double[] Predict(float[] features, int columns);
}

/// <summary>What to learn from.</summary>
/// <param name="Features">Row-major <c>[rows, Columns]</c>, finite.</param>
/// <param name="Targets">One per row, in sample intervals.</param>
/// <param name="Weights">One per row, positive.</param>
internal sealed record FeatureTable(float[] Features, int Columns, float[] Targets, float[] Weights)
{
    public int Rows => Targets.Length;
}
