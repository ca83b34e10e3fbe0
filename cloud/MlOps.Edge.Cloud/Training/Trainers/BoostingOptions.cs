using System.ComponentModel.DataAnnotations;

namespace MlOps.Edge.Cloud.Training.Trainers;

/// <summary>Hyperparameters of gradient-boosted trees (Friedman, Annals of Statistics 29, 2001), common to all trainers.</summary>
internal sealed record BoostingOptions
{
    /// <summary>Trees in each fold's model. Default: 200.</summary>
    [Range(1, 10_000)]
    public int Trees { get; init; } = 200;

    /// <summary>The most leaves of a tree. Default: 15.</summary>
    [Range(2, 1024)]
    public int Leaves { get; init; } = 15;

    /// <summary>The part of each tree's answer that is added. Default: 0.07.</summary>
    [Range(0.001, 1)]
    public double LearningRate { get; init; } = 0.07;

    /// <summary>The fewest rows in a leaf. Default: 50.</summary>
    [Range(1, 1_000_000)]
    public int RowsPerLeaf { get; init; } = 50;

    /// <summary>The part of the rows that each tree sees. Default: 0.7.</summary>
    [Range(0.01, 1)]
    public double RowFraction { get; init; } = 0.7;

    /// <summary>The part of the features that each tree sees. Default: 0.5.</summary>
    [Range(0.01, 1)]
    public double FeatureFraction { get; init; } = 0.5;

    /// <summary>Added to the weight of a leaf, so that small leaves answer less. Default: 1.</summary>
    [Range(0, 1_000_000)]
    public double L2 { get; init; } = 1;
}
