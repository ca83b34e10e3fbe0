using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>How many cycles each story needs: long enough for what it is to show.</summary>
internal static class StoryLength
{
    public static int Of(Change change) => change switch
    {
        // A drift that is noticed, a cohort that fails and teaches, waves, and a cohort to score both models on.
        Change.NewFault => 1_290,

        // As far as the gate's refusal, and what comes after it.
        Change.BadRetrain => 850,

        // Quiet for more than two lives.
        Change.None => 600,
        _ => 450,
    };
}
