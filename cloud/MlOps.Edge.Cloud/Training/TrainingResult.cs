using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training;

/// <summary>What one training run made, and all that the registry records of it.</summary>
internal sealed record TrainingResult
{
    public required byte[] Onnx { get; init; }

    /// <summary>On the held-out units of all cohorts.</summary>
    public required ModelEvaluation Evaluation { get; init; }

    /// <summary>
    /// Ascending, for each failed unit that taught: the RMSE of what the fold models that had not seen it said of it. Single folds
    /// err more than their average does, so units of the field look, if anything, better beside them.
    /// </summary>
    public required IReadOnlyList<double> UnseenErrors { get; init; }

    /// <summary>The champion on the same windows; null for the first version.</summary>
    public required ModelEvaluation? ChampionEvaluation { get; init; }

    public required GateDecision Decision { get; init; }

    public required IReadOnlyList<GoldenVector> Golden { get; init; }

    /// <summary>The most that a golden answer may differ on a device, in sample intervals.</summary>
    public required double GoldenTolerance { get; init; }

    /// <summary>Every unit of the snapshot and of the snapshots before, with its side, cohort and fold.</summary>
    public required UnitSplit Split { get; init; }

    /// <summary>Windows that the folds' models learned from, together.</summary>
    public required int Rows { get; init; }

    public required string Trainer { get; init; }

    public required string TrainerVersion { get; init; }

    public required BoostingOptions Hyperparameters { get; init; }

    public required long Seed { get; init; }

    public required ArtifactChecks Checks { get; init; }
}

/// <summary>What the finished file was seen to do on this machine.</summary>
/// <param name="Parity">The largest difference between graph and trainer over every judged window and batch size, in sample intervals.</param>
/// <param name="LatencyMs">Median for one window, milliseconds. Depends on the machine, so it is not part of what a seed repeats.</param>
internal sealed record ArtifactChecks(double Parity, long Bytes, double LatencyMs);
