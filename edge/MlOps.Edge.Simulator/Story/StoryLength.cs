using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>How many cycles each story needs: long enough for what it is to show.</summary>
internal static class StoryLength
{
    /// <param name="recorded">Recorded machines run out; the plant has as many as are asked for.</param>
    public static int Of(Change change, bool recorded) => change switch
    {
        // A drift that is noticed, a cohort that fails and teaches, waves, and a cohort to score both models on.
        Change.NewFault => recorded ? 1_290 : 1_500,

        // As far as the gate's refusal, and what comes after it.
        Change.BadRetrain => 850,

        // Quiet for about two lives; recorded engines may run out before.
        Change.None => 600,
        _ => 450,
    };
}
