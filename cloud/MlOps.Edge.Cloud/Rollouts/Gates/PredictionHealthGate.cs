using System.Globalization;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>Does the new version say sane things at all: enough predictions, finite, within [0, cap], lower ≤ rul ≤ upper, not stuck.</summary>
internal sealed class PredictionHealthGate(IOptions<RolloutOptions> options) : IWaveGate
{
    // Devices compute in single precision: a clipped 125 may come up as 125.00001.
    private const double Rounding = 1e-3;

    public string Name => "prediction-health";

    public GateFinding Judge(WaveEvidence evidence)
    {
        var all = evidence.Candidate;
        var needed = options.Value.MinPredictions;
        if (all.Count < needed)
        {
            return Say(GateVerdict.Undecided, $"{all.Count} predictions came and {needed} are needed");
        }

        var wrong = all.Select(p => (Sample: p, Why: Fault(p, evidence.Cap))).FirstOrDefault(p => p.Why is not null);
        if (wrong.Why is not null)
        {
            return Say(GateVerdict.Failed, $"{wrong.Sample.Device} predicted {wrong.Why} for {wrong.Sample.Unit} at frame {wrong.Sample.Frame}");
        }

        // All healthy machines may well be at the cap together; anywhere else one number for all is a stuck model.
        var (lowest, highest) = (all.Min(p => p.Rul), all.Max(p => p.Rul));
        return highest - lowest < Rounding && highest < evidence.Cap - Rounding
            ? Say(GateVerdict.Failed, $"all {all.Count} predictions are {highest:F1}: the model is stuck")
            : Say(GateVerdict.Passed, $"{all.Count} predictions on {all.Select(p => p.Device).Distinct().Count()} devices, all finite and in order, from {lowest:F1} to {highest:F1}");
    }

    private static string? Fault(PredictionSample p, double cap) => p switch
    {
        _ when !float.IsFinite(p.Rul) || !float.IsFinite(p.Lower) || !float.IsFinite(p.Upper) => "a number that is not finite",
        _ when p.Rul < -Rounding || p.Rul > cap + Rounding => string.Create(CultureInfo.InvariantCulture, $"{p.Rul:F1}, outside 0 to {cap:F0},"),
        _ when p.Lower > p.Rul + Rounding || p.Rul > p.Upper + Rounding => string.Create(CultureInfo.InvariantCulture, $"{p.Rul:F1} outside its own interval {p.Lower:F1} to {p.Upper:F1}"),
        _ => null,
    };

    private GateFinding Say(GateVerdict verdict, FormattableString detail) => new(Name, verdict, detail.ToString(CultureInfo.InvariantCulture));
}
