using System.ComponentModel.DataAnnotations;

namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>What a challenger must show on held-out units.</summary>
internal sealed record GateOptions
{
    /// <summary>
    /// How much worse, as a part of the champion's RMSE, it may be on the cohort that the champion knows. A dozen units differ
    /// by up to 11 % between honest retrainings and by 40 % and more after wrong labels. Default: 0.2.
    /// </summary>
    [Range(0, 1)]
    public double KnownMargin { get; init; } = 0.2;

    /// <summary>The same for windows near failure, where few windows make the figure less sure. Default: 0.25.</summary>
    [Range(0, 1)]
    public double NearFailureMargin { get; init; } = 0.25;

    /// <summary>
    /// How much wider, as a part of the champion's, its interval may be on the cohort that the champion knows: labels that
    /// contradict each other show in it first. Default: 0.5.
    /// </summary>
    [Range(0, 10)]
    public double WidthMargin { get; init; } = 0.5;

    /// <summary>
    /// A difference of error below this part of the RUL cap decides nothing where a margin is given, and four times as much of
    /// interval width: a model that errs by two intervals may come to err by three. Default: 0.02.
    /// </summary>
    [Range(0, 1)]
    public double SlackOfCap { get; init; } = 0.02;

    /// <summary>The least coverage of its interval over all held-out units. Default: 0.8.</summary>
    [Range(0, 1)]
    public double LeastCoverage { get; init; } = 0.8;

    /// <summary>The first version must beat the best constant prediction by this part of its RMSE. Default: 0.3.</summary>
    [Range(0, 1)]
    public double LeastSkill { get; init; } = 0.3;

    /// <summary>The fewest held-out units of the known cohort that can decide. Default: 5.</summary>
    [Range(1, 1000)]
    public int FewestUnits { get; init; } = 5;
}
