using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>Decides what a slot needs next. Pure.</summary>
internal static class Reconciliation
{
    public enum Step
    {
        None,

        /// <summary>The slot holds what is desired already: only say so for the new epoch.</summary>
        Confirm,

        /// <summary>Nothing is desired: empty the slot.</summary>
        Withdraw,

        Update,
    }

    public static ModelPointer? Target(DesiredDocument desired, SlotRole role) => role == SlotRole.Active ? desired.Active : desired.Shadow;

    public static Step Next(LedgerState state, DesiredDocument desired, SlotRole role)
    {
        var (target, held, last) = (Target(desired, role), state.Slot(role), state.Update(role));
        return (target, held) switch
        {
            (null, null) => last is null ? Step.None : Step.Withdraw,
            (null, _) => Step.Withdraw,
            _ when held?.Pointer == target => last?.Target == target && last.Epoch == desired.Epoch && !last.IsRunning ? Step.None : Step.Confirm,

            // One answer per epoch: what failed is tried again when the cloud asks again.
            _ when last?.Target == target && last?.Epoch == desired.Epoch && last is { IsRunning: false } => Step.None,
            _ => Step.Update,
        };
    }
}
