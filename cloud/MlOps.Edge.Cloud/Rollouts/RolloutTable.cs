using static MlOps.Edge.Cloud.Rollouts.RolloutEvent;
using static MlOps.Edge.Cloud.Rollouts.RolloutState;

namespace MlOps.Edge.Cloud.Rollouts;

internal enum RolloutEvent { Pause, Resume, Abort, WaveFailed, LastWavePassed }

/// <summary>The whole life of a rollout. Drawn in docs/statuses.md. Null: it cannot happen there.</summary>
internal static class RolloutTable
{
    public static RolloutState? Next(RolloutState state, RolloutEvent happened) => (state, happened) switch
    {
        (Running, Pause) => Paused,
        (Paused, Resume) => Running,
        (Running or Paused, Abort) => Aborted,     // by people, at any time: every device gets its previous assignment back
        (Running, WaveFailed) => Aborted,     // the same, by itself
        (Running, LastWavePassed) => Finished,

        _ => null,
    };
}
