namespace MlOps.Edge.Cloud.Drift.Field;

/// <summary>
/// How one model version did on one finished unit, as sums that add up: what prediction and truth, both min(·, cap), came to
/// over the unit's windows.
/// </summary>
internal sealed record UnitScore
{
    /// <summary>The asset's id and its installation epoch: <c>asset#installation</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>Windows scored; above 0.</summary>
    public required long Windows { get; init; }

    /// <summary>Σ (min(prediction, cap) - min(truth, cap))², in sample intervals squared.</summary>
    public required double SquaredErrors { get; init; }

    /// <summary>Windows whose capped truth lies within the interval, ends included.</summary>
    public required long Covered { get; init; }

    /// <summary>Σ (upper - lower), in sample intervals.</summary>
    public required double Widths { get; init; }

    /// <summary>The age at failure, in sample intervals.</summary>
    public required long Lifetime { get; init; }

    public double MeanSquaredError => SquaredErrors / Windows;

    public double Rmse => Math.Sqrt(MeanSquaredError);

    public double Coverage => (double)Covered / Windows;

    public double MeanWidth => Widths / Windows;

    /// <summary>Scores predictions against a failure in the unit's last frame, at which remaining useful life is 0.</summary>
    /// <param name="lastFrame">The operating age of the last frame before the failure; predictions beyond it are left out.</param>
    /// <returns>Null where no prediction is left to score.</returns>
    public static UnitScore? Of(string unit, IEnumerable<RulPrediction> predictions, long lastFrame, double cap)
    {
        var (windows, covered, squared, widths) = (0L, 0L, 0.0, 0.0);
        foreach (var prediction in predictions.Where(p => p.Frame <= lastFrame))
        {
            var truth = Math.Min(lastFrame - prediction.Frame, cap);
            var error = Math.Min(prediction.Rul, cap) - truth;
            windows++;
            squared += error * error;
            covered += truth >= prediction.Lower && truth <= prediction.Upper ? 1 : 0;
            widths += prediction.Upper - prediction.Lower;
        }

        return windows == 0 ? null : new()
        {
            Unit = unit,
            Windows = windows,
            SquaredErrors = squared,
            Covered = covered,
            Widths = widths,
            Lifetime = lastFrame + 1,
        };
    }
}

/// <summary>One prediction: the operating age of its window's last frame, and remaining useful life with its interval, in sample intervals.</summary>
internal readonly record struct RulPrediction(long Frame, double Rul, double Lower, double Upper);
