using MlOps.Edge.Cloud.Drift;

namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>From samples in the order they came to the evidence of one wave, in an order of its own: the same data give the same bytes.</summary>
internal static class WaveEvidenceBuilder
{
    /// <summary>Uses what was predicted up to the watermark; what devices sent beyond it belongs to a later turn.</summary>
    public static WaveEvidence Build(RolloutRecord rollout, Wave wave, EvidenceRecord evidence, IEnumerable<UnitScoreView> scores, DateTimeOffset watermark)
    {
        var version = rollout.Target.Version;
        var samples = evidence.Samples.Where(s => s.Time <= watermark)
            .DistinctBy(s => (s.Unit, s.Frame, s.Version))
            .OrderBy(s => s.Unit, StringComparer.Ordinal).ThenBy(s => s.Frame).ToList();
        var old = rollout.Champion is { } champion
            ? samples.Where(s => s.Version == champion.Version).ToDictionary(s => (s.Unit, s.Frame), s => (double)s.Rul)
            : [];
        var inWave = wave.Devices.ToHashSet();
        bool Soaked(PredictionSample s) => inWave.Contains(s.Device) && s.Time > wave.SettledAt;

        var candidate = samples.Where(s => s.Version == version).ToList();
        return new()
        {
            Version = version,
            Champion = rollout.Champion?.Version,
            IsChampion = rollout.TargetIsChampion,
            Cap = rollout.RulCap,
            Candidate = [.. candidate.Where(Soaked)],
            Pairs = [.. Paired(candidate.Where(Soaked))],
            AllPairs = [.. Paired(candidate)],
            Lifetimes = scores.Where(s => s.EndedAt <= watermark).DistinctBy(s => s.Unit).ToDictionary(s => s.Unit, s => s.Lifetime),
        };

        IEnumerable<PredictionPair> Paired(IEnumerable<PredictionSample> of) =>
            of.Where(s => old.ContainsKey((s.Unit, s.Frame))).Select(s => new PredictionPair(s.Unit, s.Frame, s.Rul, old[(s.Unit, s.Frame)]));
    }
}
