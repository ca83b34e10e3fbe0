using System.Globalization;

namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>
/// Decides whether a challenger may take the champion's place, from both models' figures on the same held-out units. What the
/// champion knows is the anchor: those labels are older than anything the field has reported since, so a challenger that was
/// taught wrong labels betrays itself there, however well it agrees with the wrong labels of the new cohort.
/// </summary>
internal static class Gate
{
    /// <param name="champion">Null for the first version of a model.</param>
    /// <param name="cap">Of RUL, in sample intervals.</param>
    public static GateDecision Decide(ModelEvaluation challenger, ModelEvaluation? champion, double cap, GateOptions options)
    {
        List<GateCheck> checks = [Coverage(challenger.Overall, options)];
        if (champion is null)
        {
            checks.Add(Skill(challenger.Overall, options));
            return new(checks);
        }

        checks.Add(EnoughUnits(challenger, options));
        const string known = "on units that the champion knows", fresh = "on units labelled since";
        double slack = options.SlackOfCap * cap;
        checks.AddRange(NoWorse(challenger, champion, Error(Slices.Known, known, options.KnownMargin, slack)));
        checks.AddRange(NoWorse(challenger, champion, Error(Slices.KnownNearFailure, known + ", near failure,", options.NearFailureMargin, slack)));
        checks.AddRange(NoWorse(challenger, champion, Width(Slices.Known, known, options.WidthMargin, 4 * slack)));
        checks.AddRange(NoWorse(challenger, champion, Error(Slices.New, fresh, margin: 0, slack: 0)));
        checks.AddRange(NoWorse(challenger, champion, Error(Slices.NewNearFailure, fresh + ", near failure,", options.NearFailureMargin, slack)));
        return new(checks);
    }

    private static GateCheck Coverage(Metrics metrics, GateOptions options) => new(
        "all",
        "coverage",
        metrics.Coverage,
        Champion: null,
        options.LeastCoverage,
        metrics.Units,
        metrics.Coverage >= options.LeastCoverage,
        Text($"its interval covers {metrics.Coverage:P0} of the held-out windows, at least {options.LeastCoverage:P0} is asked"));

    private static GateCheck Skill(Metrics metrics, GateOptions options)
    {
        double limit = metrics.ConstantRmse * (1 - options.LeastSkill);
        return new(
            "all",
            "rmse",
            metrics.Rmse,
            Champion: null,
            limit,
            metrics.Units,
            metrics.Rmse <= limit,
            Text($"its error of {metrics.Rmse:F1} is held against {limit:F1}, {1 - options.LeastSkill:P0} of what a constant answer would have"));
    }

    private static GateCheck EnoughUnits(ModelEvaluation challenger, GateOptions options)
    {
        int units = challenger[Slices.Known]?.Units ?? 0;
        return new(
            Slices.Known,
            "units",
            units,
            Champion: null,
            options.FewestUnits,
            units,
            units >= options.FewestUnits,
            Text($"{units} held-out units are known to the champion, at least {options.FewestUnits} are needed to compare"));
    }

    private static Rule Error(string slice, string where, double margin, double slack) =>
        new(slice, where, "error", metrics => metrics.UnitRmse, margin, slack);

    private static Rule Width(string slice, string where, double margin, double slack) =>
        new(slice, where, "interval width", metrics => metrics.MeanWidth, margin, slack);

    /// <returns>No check where no window falls into the slice.</returns>
    private static IEnumerable<GateCheck> NoWorse(ModelEvaluation challenger, ModelEvaluation champion, Rule rule)
    {
        if (challenger[rule.Slice] is { } its && champion[rule.Slice] is { } before)
        {
            double figure = rule.Figure(its), champions = rule.Figure(before);
            double limit = Math.Max(champions * (1 + rule.Margin), champions + rule.Slack), change = (figure / champions) - 1;
            yield return new(
                rule.Slice,
                rule.Name,
                figure,
                champions,
                limit,
                its.Units,
                figure <= limit,
                Text($"{rule.Where} its {rule.Name} is {figure:F1} against {champions:F1}, {Math.Abs(change):P0} {(change > 0 ? "more" : "less")} (up to {limit:F1} is allowed)"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A figure, less of which is better. It may exceed the champion's by a part of it or by some slack, whichever is more.</summary>
    private sealed record Rule(string Slice, string Where, string Name, Func<Metrics, double> Figure, double Margin, double Slack);
}
