using static MlOps.Edge.Agent.Models.UpdateEvent;
using static MlOps.Edge.Agent.Models.UpdatePhase;

namespace MlOps.Edge.Agent.Models;

/// <summary>The numbers rest in the ledger's file as words.</summary>
internal enum UpdatePhase { Settled, Downloading, Verifying, Trial, Probation, RollingBack }

/// <summary>
/// <see cref="TrialPassed"/> puts an active model on probation; <see cref="Shadowing"/> is the same for a shadow, whose
/// answers do not count and need none. <see cref="Crashed"/>: the agent starts and had not stopped in order.
/// </summary>
internal enum UpdateEvent { Assigned, Downloaded, Verified, TrialPassed, Shadowing, Proved, Failed, RolledBack, Withdrawn, Crashed, Resumed }

/// <summary>
/// The whole life of a model update, the same for each slot. The phase is on disk before its work starts, so a power
/// cut resumes here. The swap of the slot and the step from Trial to Probation are one atomic write.
/// </summary>
internal static class ModelUpdate
{
    public static UpdatePhase Next(UpdatePhase phase, UpdateEvent happened) => (phase, happened) switch
    {
        (Settled,                            Assigned)    => Downloading,
        (Downloading,                        Downloaded)  => Verifying,
        (Verifying,                          Verified)    => Trial,
        (Trial,                              TrialPassed) => Probation,
        (Trial,                              Shadowing)   => Settled,
        (Probation,                          Proved)      => Settled,

        (Downloading or Verifying or Trial,  Failed)      => Settled,        // nothing was swapped yet
        (Probation,                          Failed)      => RollingBack,
        (RollingBack,                        RolledBack)  => Settled,

        (Downloading or Verifying or Trial,  Assigned)    => Downloading,    // the newer assignment wins
        (Probation,                          Assigned)    => Downloading,    // the unproved model works on until then
        (RollingBack,                        Assigned)    => RollingBack,    // first back to safety
        (not RollingBack,                    Withdrawn)   => Settled,

        (Trial,                              Crashed)     => Settled,        // a model that may have killed us gets no second trial
        (Probation,                          Crashed)     => RollingBack,    // nor a second probation
        (Trial,                              Resumed)     => Verifying,      // stopped in order: do it again
        (_,                                  Crashed or Resumed) => phase,   // everything else is safe to do again

        _ => throw new InvalidOperationException($"{happened} cannot happen while {phase}."),
    };
}
