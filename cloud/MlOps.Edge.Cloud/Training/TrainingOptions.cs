using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Training;

/// <summary>How models are trained; the section <c>Training</c> of the configuration.</summary>
internal sealed record TrainingOptions
{
    public const string Section = "Training";

    /// <summary>The trainer's name. Default: <c>lightgbm</c>.</summary>
    [Required]
    public string Trainer { get; init; } = "lightgbm";

    /// <summary>The trainer that takes over where <see cref="Trainer"/> does not run on this machine. Default: <c>managed-gbdt</c>.</summary>
    [Required]
    public string Fallback { get; init; } = "managed-gbdt";

    /// <summary>How many folds are trained at a time, each on one thread. Default: 2.</summary>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 2;

    /// <summary>
    /// How many times each unit also teaches as one whose device was mounted in mid-life, with a short history. Default: 1.
    /// </summary>
    [Range(0, 100)]
    public int LateStarts { get; init; } = 1;

    [ValidateObjectMembers]
    public BoostingOptions Boosting { get; init; } = new();

    [ValidateObjectMembers]
    public SplitOptions Split { get; init; } = new();

    [ValidateObjectMembers]
    public GateOptions Gate { get; init; } = new();

    [ValidateObjectMembers]
    public ArtifactLimits Limits { get; init; } = new();
}

/// <summary>What a finished model may cost and how exactly it must answer; a run that breaks one of these fails.</summary>
internal sealed record ArtifactLimits
{
    /// <summary>The most that the graph may differ from the trainer, in sample intervals, over every judged window. Default: 1e-3.</summary>
    [Range(0, 1)]
    public double Parity { get; init; } = 1e-3;

    /// <summary>Bytes of the ONNX file. Default: 16 MiB.</summary>
    [Range(1, int.MaxValue)]
    public long Bytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Median time for one window on one thread of this machine, in milliseconds. Default: 5.</summary>
    [Range(0.001, 10_000)]
    public double LatencyMs { get; init; } = 5;
}
