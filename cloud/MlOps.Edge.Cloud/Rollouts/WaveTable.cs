using static MlOps.Edge.Cloud.Rollouts.WaveFinding;
using static MlOps.Edge.Cloud.Rollouts.WaveState;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>What the facts say about a wave.</summary>
internal enum WaveFinding
{
    /// <summary>Its turn has come.</summary>
    Due,

    /// <summary>Nothing can be said yet.</summary>
    Wait,

    /// <summary>Its devices have what they were given, within the limits.</summary>
    Settled,

    /// <summary>The soak is over, the counts are within the limits and every gate is content.</summary>
    Sound,

    /// <summary>A limit is broken, a gate has failed, or the evidence did not come in time.</summary>
    Broken,
}

/// <summary>The whole life of a wave. Drawn in docs/statuses.md.</summary>
internal static class WaveTable
{
    public static WaveState Next(WaveState state, WaveFinding finding) => (state, finding) switch
    {
        (Scheduled, Due) => Running,      // its devices are assigned
        (Running, Settled) => Soaking,
        (Soaking, Sound) => Passed,
        (Scheduled or Running or Soaking, Broken) => Failed,
        (Scheduled or Running or Soaking, Wait) => state,

        _ => throw new InvalidOperationException($"A wave that is {state} cannot be {finding}."),
    };

    /// <summary>Reads the facts of the current wave: counts against limits, then gates.</summary>
    /// <param name="gates">The gates' findings; they count once the soak is over.</param>
    public static (WaveFinding Finding, string Reason) Find(
        Wave wave, WaveTally tally, IReadOnlyList<Gates.GateFinding> gates, DateTimeOffset now, RolloutOptions limits)
    {
        var of = tally.Total;
        if (tally.Failed > limits.AllowedFailures(of))
        {
            return (Broken, $"{tally.Failed} of {of} devices failed and at most {limits.AllowedFailures(of)} may ({tally.FailedDevices[0]}: {tally.FailureReasons[0]})");
        }

        switch (wave.State)
        {
            case Scheduled:
                return (Due, "");

            case Running when tally.Settling == 0 && Shortfall(tally, limits) is null:
                return (Settled, $"{tally.Succeeded} of {of} devices have it");

            case Running:
                if (now < wave.StartedAt + wave.Deadline)
                {
                    return (Wait, $"waiting for {tally.Settling + tally.Unknown} of {of} devices");
                }

                return Shortfall(tally.AtDeadline(), limits) is { } late
                    ? (Broken, $"{late} at the wave's deadline")
                    : (Settled, $"{tally.Succeeded} of {of} devices have it at the wave's deadline");

            case Soaking:
                if (now < wave.SettledAt + wave.Soak)
                {
                    return (Wait, "soaking");
                }

                if (gates.FirstOrDefault(g => g.Verdict == Gates.GateVerdict.Failed) is { } failed)
                {
                    return (Broken, $"the gate {failed.Gate} failed: {failed.Detail}");
                }

                var missing = Shortfall(tally.AtDeadline(), limits) ?? gates.FirstOrDefault(g => g.Verdict == Gates.GateVerdict.Undecided)?.Detail;
                return missing switch
                {
                    null => (Sound, $"{tally.Succeeded} of {of} devices succeeded and every gate is content"),
                    _ when now < wave.SettledAt + wave.Soak + wave.Deadline => (Wait, $"soaking on: {missing}"),
                    _ => (Broken, $"{missing} even after a longer soak"),
                };

            default:
                throw new InvalidOperationException($"A wave that is {wave.State} is decided already.");
        }
    }

    /// <summary>What keeps a wave from being good enough; null: nothing.</summary>
    private static string? Shortfall(WaveTally tally, RolloutOptions limits)
    {
        var of = tally.Total;
        if (tally.Unknown > limits.AllowedUnknown(of))
        {
            return $"{tally.Unknown} of {of} devices are unknown and at most {limits.AllowedUnknown(of)} may be";
        }

        return tally.Succeeded < limits.NeededSuccesses(of)
            ? $"only {tally.Succeeded} of {of} devices succeeded and {limits.NeededSuccesses(of)} must"
            : null;
    }
}
