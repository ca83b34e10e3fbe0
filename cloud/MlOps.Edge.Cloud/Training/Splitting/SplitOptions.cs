using System.ComponentModel.DataAnnotations;

namespace MlOps.Edge.Cloud.Training.Splitting;

/// <summary>How units are divided between learning and judging.</summary>
internal sealed record SplitOptions
{
    /// <summary>The part of each cohort's failed units that only ever judge. Default: 0.2.</summary>
    [Range(0.05, 0.5)]
    public double JudgeFraction { get; init; } = 0.2;

    /// <summary>Folds of the units that train; each is calibrated by the model that has not seen it. Default: 5.</summary>
    [Range(2, 20)]
    public int Folds { get; init; } = 5;
}
