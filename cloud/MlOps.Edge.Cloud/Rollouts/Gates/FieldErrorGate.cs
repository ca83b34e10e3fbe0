using System.Globalization;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>
/// New against old where the truth is known: units that have failed, on the windows that both versions predicted. Paired by unit, units
/// weighted equally; fails only if the new version is clearly worse: a one-sided paired t test at 5 % over the units' RMSE.
/// </summary>
internal sealed class FieldErrorGate(IOptions<RolloutOptions> options) : IWaveGate
{
    // The 0.95 quantile of the normal distribution.
    private const double Z = 1.6448536269514722;

    public string Name => "field-error";

    public GateFinding Judge(WaveEvidence evidence)
    {
        if (evidence.Champion is not { } champion)
        {
            return Say(GateVerdict.NotCounted, $"{evidence.WithoutChampion}");
        }

        var units = evidence.AllPairs.Where(p => evidence.Lifetimes.ContainsKey(p.Unit)).GroupBy(p => p.Unit)
            .Select(unit => (New: Rmse(unit, p => p.New, evidence), Old: Rmse(unit, p => p.Old, evidence))).ToList();
        if (units.Count < options.Value.MinLabelledUnits)
        {
            return Say(GateVerdict.NotCounted, $"not enough labels: {units.Count} failed units were predicted by both versions and {options.Value.MinLabelledUnits} are needed");
        }

        var (now, before) = (units.Average(u => u.New), units.Average(u => u.Old));
        var worse = now - before;
        var spread = Math.Sqrt(units.Sum(u => Math.Pow(u.New - u.Old - worse, 2)) / (units.Count - 1) / units.Count);
        var passed = worse <= StudentQuantile(units.Count - 1) * spread;
        return Say(
            passed ? GateVerdict.Passed : GateVerdict.Failed,
            $"over {units.Count} failed units v{evidence.Version} errs by {now:F1} and v{champion} by {before:F1} on the same windows: {(passed ? "not clearly worse" : "clearly worse")}");
    }

    private static double Rmse(IGrouping<string, PredictionPair> unit, Func<PredictionPair, double> said, WaveEvidence evidence)
    {
        var last = evidence.Lifetimes[unit.Key] - 1;
        return Math.Sqrt(unit.Average(p => Math.Pow(Math.Min(said(p), evidence.Cap) - Math.Min(last - p.Frame, evidence.Cap), 2)));
    }

    /// <summary>The 0.95 quantile of Student's t, expanded in 1/ν: Abramowitz and Stegun, 26.7.5, first two terms. Within 1 % from ν = 4 on.</summary>
    internal static double StudentQuantile(int freedom)
    {
        var cubed = Z * Z * Z;
        return Z + (cubed + Z) / (4 * freedom) + (5 * cubed * Z * Z + 16 * cubed + 3 * Z) / (96.0 * freedom * freedom);
    }

    private GateFinding Say(GateVerdict verdict, FormattableString detail) => new(Name, verdict, detail.ToString(CultureInfo.InvariantCulture));
}
