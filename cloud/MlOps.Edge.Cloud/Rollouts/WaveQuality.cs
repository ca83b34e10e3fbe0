using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Rollouts.Gates;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>The live quality of a wave: evidence from the telemetry store, put before every gate.</summary>
internal sealed class WaveQuality(EvidenceReader reader, IEnumerable<IWaveGate> gates, IOptions<RolloutOptions> options)
{
    public Task<long> FindEndAsync() => reader.FindEndAsync(CancellationToken.None);

    /// <summary>Takes in what the rollout's devices have predicted since the last turn.</summary>
    public Task<EvidenceRecord> PullAsync(RolloutRecord rollout, EvidenceRecord evidence)
    {
        HashSet<int> versions = [rollout.Target.Version];
        if (rollout.Champion is { } champion)
        {
            versions.Add(champion.Version);
        }

        // In the order of the waves, so that every wave's first devices are heard as long as there is room.
        var devices = rollout.Waves.SelectMany(w => w.Devices).Distinct().Take(options.Value.JudgedDevices).ToHashSet();
        return reader.PullAsync(evidence, rollout.Plan.Model, versions, devices, rollout.SampleInterval, CancellationToken.None);
    }

    /// <summary>What the gates say of the current wave; nothing before its soak is over.</summary>
    public async Task<IReadOnlyList<GateFinding>> JudgeAsync(RolloutRecord rollout, EvidenceRecord evidence, DateTimeOffset watermark, IGrainFactory grains)
    {
        if (rollout is not { State: RolloutState.Running, Current: { State: WaveState.Soaking } wave } || watermark < wave.SettledAt + wave.Soak)
        {
            return [];
        }

        var drift = grains.GetGrain<IDriftGrain>(rollout.Plan.Model);
        var status = await drift.GetAsync();
        var judged = WaveEvidenceBuilder.Build(rollout, wave, evidence, await drift.GetUnitScoresAsync(), watermark) with
        {
            ChampionOutdated = status.Version == rollout.Champion?.Version && status.Fleet is { Verdict: DriftVerdictKind.Drift, Cause: DriftCause.Fleet },
        };
        return [.. gates.Select(g => g.Judge(judged))];
    }
}
