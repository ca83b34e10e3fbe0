using System.Globalization;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>
/// The new version beside the champion on the same windows. No truth is needed: how far apart they are, which way, and which of the
/// two follows time. A degrading machine loses one interval of life per interval, so |step + 1| is a prediction's roughness.
/// Where the fleet has moved away from the champion, the distance is told and not counted: the new version is there to differ.
/// </summary>
internal sealed class ChampionComparisonGate(IOptions<RolloutOptions> options) : IWaveGate
{
    // Near the cap a prediction rests by design; only below this share of it must it fall.
    private const double DegradingBelow = 0.9;

    private const int MinSteps = 10;

    public string Name => "against-champion";

    public GateFinding Judge(WaveEvidence evidence)
    {
        if (evidence.Champion is not { } champion)
        {
            return Say(GateVerdict.NotCounted, $"{evidence.WithoutChampion}");
        }

        var pairs = evidence.Pairs;
        if (pairs.Count < options.Value.MinPredictions)
        {
            return Say(GateVerdict.NotCounted, $"only {pairs.Count} windows were predicted by both v{evidence.Version} and v{champion}");
        }

        var disagreement = pairs.Average(p => Math.Abs(p.New - p.Old));
        var bias = Median(pairs.Select(p => p.New - p.Old));
        var (newSteps, newRoughness) = Roughness(pairs, p => p.New, evidence.Cap);
        var (oldSteps, oldRoughness) = Roughness(pairs, p => p.Old, evidence.Cap);
        var steps = Math.Min(newSteps, oldSteps);
        var allowed = options.Value.MaxRoughnessRatio * oldRoughness + options.Value.RoughnessSlack;

        // NaN compares false either way, so every limit is written as what must hold.
        var near = disagreement <= options.Value.MaxDisagreement * evidence.Cap && Math.Abs(bias) <= options.Value.MaxBias * evidence.Cap;
        var passed = (near || evidence.ChampionOutdated) && (steps < MinSteps || newRoughness <= allowed);
        var follows = steps < MinSteps
            ? "too few degrading steps to compare roughness"
            : string.Create(CultureInfo.InvariantCulture, $"roughness {newRoughness:F1} against {oldRoughness:F1} per step (limit {allowed:F1})");
        var limits = evidence.ChampionOutdated
            ? FormattableString.Invariant($"median {bias:+0.0;-0.0;0.0}, which is not counted: the fleet has moved away from v{champion}")
            : FormattableString.Invariant($"(limit {options.Value.MaxDisagreement * evidence.Cap:F0}), median {bias:+0.0;-0.0;0.0} (limit ±{options.Value.MaxBias * evidence.Cap:F0})");
        return Say(
            passed ? GateVerdict.Passed : GateVerdict.Failed,
            $"on {pairs.Count} windows v{evidence.Version} and v{champion} differ by {disagreement:F1} in the mean{(evidence.ChampionOutdated ? ", " : " ")}{limits}; {follows}");
    }

    private static (int Steps, double Roughness) Roughness(IReadOnlyList<PredictionPair> pairs, Func<PredictionPair, double> said, double cap)
    {
        var (steps, sum) = (0, 0.0);
        for (var i = 1; i < pairs.Count; i++)
        {
            var (before, now) = (pairs[i - 1], pairs[i]);
            if (before.Unit == now.Unit && said(before) < DegradingBelow * cap)
            {
                var frames = now.Frame - before.Frame;
                sum += Math.Abs(said(now) - said(before) + frames) / frames;
                steps++;
            }
        }

        return (steps, steps == 0 ? 0 : sum / steps);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private GateFinding Say(GateVerdict verdict, FormattableString detail) => new(Name, verdict, detail.ToString(CultureInfo.InvariantCulture));
}
