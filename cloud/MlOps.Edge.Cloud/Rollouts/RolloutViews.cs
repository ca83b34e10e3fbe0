namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>What others see of a rollout.</summary>
internal static class RolloutViews
{
    public static RolloutView Of(RolloutRecord rollout) => new()
    {
        Id = rollout.Id,
        Plan = rollout.Plan,
        State = rollout.State,
        Waves = [.. rollout.Waves.Select(Of)],
        Reason = rollout.Reason,
        PreviousVersion = rollout.Champion?.Version,
        EndedAt = rollout.EndedAt,
        Quarantine = [.. rollout.Touched.Where(t => t.Quarantine is not null).Select(t => new QuarantinedDevice(t.Device, t.Quarantine!))],
    };

    private static WaveView Of(Wave wave) => new()
    {
        Number = wave.Number,
        Mode = wave.Mode,
        State = wave.State,
        Devices = wave.Devices,
        Succeeded = wave.Succeeded,
        Failed = wave.Failed,
        Unknown = wave.Unknown,
        StartedAt = wave.StartedAt,
        EndedAt = wave.EndedAt,
        Evidence = wave.Evidence,
    };
}
