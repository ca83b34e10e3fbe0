using MlOps.Edge.Cloud.Drift.Field;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>How each version has done in the field.</summary>
internal static class FieldErrors
{
    public static FieldErrorView[] Of(IEnumerable<UnitScoreView> scores) =>
        [.. scores.GroupBy(s => s.Version).OrderBy(v => v.Key).Select(v => View(v.Key, FieldPerformance.Of([.. v.Select(Score)])!))];

    private static FieldErrorView View(int version, FieldPerformance performance) =>
        new(version, performance.Units, performance.Rmse, performance.Coverage, performance.MeanWidth);

    private static UnitScore Score(UnitScoreView view) => new()
    {
        Unit = view.Unit,
        Windows = view.Windows,
        SquaredErrors = view.SumSquaredError,
        Covered = view.Covered,
        Widths = view.SumWidth,
        Lifetime = view.Lifetime,
    };
}
