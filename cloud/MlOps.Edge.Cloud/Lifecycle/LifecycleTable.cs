using static MlOps.Edge.Cloud.Lifecycle.LifecycleFinding;
using At = MlOps.Edge.Cloud.Lifecycle.LifecycleState;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>What the facts say about a model's loop.</summary>
internal enum LifecycleFinding
{
    /// <summary>Nothing to be done yet.</summary>
    Wait,

    /// <summary>It was taken into the loop and has no champion.</summary>
    Begun,

    /// <summary>It was taken into the loop and has a champion already.</summary>
    Adopted,

    /// <summary>A trained version passed its gate.</summary>
    Blessed,

    /// <summary>Training failed, or its result did not pass; the champion stays.</summary>
    KeptOut,

    /// <summary>The same, and there is no champion.</summary>
    KeptOutFirst,
    RolledOut,

    /// <summary>The rollout was aborted; the champion is everywhere again.</summary>
    Reverted,

    /// <summary>The same, and there is no champion.</summary>
    RevertedFirst,

    /// <summary>The drift room says that the fleet has moved.</summary>
    FleetMoved,

    /// <summary>It takes that back.</summary>
    FleetBack,

    /// <summary>Enough labels to train on.</summary>
    CohortComplete,
}

/// <summary>The whole loop of a model. Drawn in docs/statuses.md.</summary>
internal static class LifecycleTable
{
    public static At Next(At state, LifecycleFinding finding) => (state, finding) switch
    {
        (At.Idle, Begun) => At.Training,
        (At.Idle, Adopted) => At.Monitoring,

        (At.Training, Blessed) => At.RollingOut,
        (At.Training, KeptOut) => At.Monitoring,
        (At.Training, KeptOutFirst) => At.Gathering,    // nothing runs yet: more labels, then again

        (At.RollingOut, RolledOut) => At.Monitoring,
        (At.RollingOut, Reverted) => At.Monitoring,
        (At.RollingOut, RevertedFirst) => At.Gathering,

        (At.Monitoring, FleetMoved) => At.Gathering,
        (At.Gathering, FleetBack) => At.Monitoring,
        (At.Gathering, CohortComplete) => At.Training,

        (_, Wait) => state,

        _ => throw new InvalidOperationException($"{finding} cannot be found while {state}."),
    };
}
