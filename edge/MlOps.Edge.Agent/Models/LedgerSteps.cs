using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>What each step of a slot's life writes into the ledger. Pure: the next state from the last.</summary>
internal static class LedgerSteps
{
    private const int MostKnown = 16;

    extension(LedgerState state)
    {
        /// <summary>After a start: what was under trial or probation when the agent crashed is not trusted again.</summary>
        public LedgerState Restarted(SlotRole role, UpdateEvent happened)
        {
            if (state.Update(role) is not { } update)
            {
                return state;
            }

            var next = ModelUpdate.Next(update.Phase, happened);
            return state.With(role, (update.Phase, next) switch
            {
                (UpdatePhase.Trial, UpdatePhase.Settled) =>
                    update with { Phase = next, Outcome = DeploymentState.Failed, Reason = "the agent stopped in the middle of the trial" },
                (_, UpdatePhase.RollingBack) => update with { Phase = next, Reason = update.Reason ?? "the agent stopped on probation (crash or power cut)" },
                _ => update with { Phase = next },
            });
        }

        public LedgerState Begun(SlotRole role, DesiredDocument desired, ModelPointer target)
        {
            var phase = ModelUpdate.Next(state.Update(role)?.Phase ?? UpdatePhase.Settled, UpdateEvent.Assigned);
            return state.With(role, new SlotUpdate(desired.Epoch, desired.Rollout, target, phase, DeploymentState.Pending));
        }

        public LedgerState Advanced(SlotRole role, UpdateEvent happened)
        {
            var update = state.Update(role)!;
            return state.With(role, update with { Phase = ModelUpdate.Next(update.Phase, happened) });
        }

        public LedgerState Failed(SlotRole role, DeploymentState outcome, string reason)
        {
            var update = state.Update(role)!;
            return state.With(role, update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.Failed), Outcome = outcome, Reason = reason });
        }

        /// <summary>The slot holds what a new epoch asks for.</summary>
        public LedgerState Confirmed(SlotRole role, DesiredDocument desired)
        {
            var held = state.Slot(role)!;
            var (phase, outcome) = role == SlotRole.Shadow ? (UpdatePhase.Settled, DeploymentState.Shadow)
                : held.Proved ? (UpdatePhase.Settled, DeploymentState.Succeeded) : (UpdatePhase.Probation, DeploymentState.Probation);
            return state.With(role, new SlotUpdate(desired.Epoch, desired.Rollout, held.Pointer, phase, outcome));
        }

        public LedgerState Withdrawn(SlotRole role) => state.With(role, (SlotUpdate?)null).With(role, (InstalledModel?)null);

        /// <summary>The trial was passed: a shadow is done, an active model begins its probation.</summary>
        public LedgerState Swapped(SlotRole role, ModelPointer target, VerifiedModel verified)
        {
            var installed = new InstalledModel(target, verified.Manifest.Digest, verified.Blobs, Proved: role == SlotRole.Shadow);
            var update = state.Update(role)!;
            if (role == SlotRole.Shadow)
            {
                return (state with { Shadow = installed }).With(role, update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.Shadowing), Outcome = DeploymentState.Shadow });
            }

            var highest = Math.Max(state.Counters.GetValueOrDefault(target.Model, long.MinValue), verified.Manifest.Counter);
            return state with
            {
                Active = installed,
                Previous = new[] { state.Active, state.Previous }.FirstOrDefault(old => old is { Proved: true } && old.Pointer != target),
                ActiveUpdate = update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.TrialPassed), Outcome = DeploymentState.Succeeded },
                Counters = new Dictionary<string, long>(state.Counters) { [target.Model] = highest },
            };
        }

        /// <summary>The active model has done its probation; the way back to it stays open.</summary>
        public LedgerState Proved()
        {
            var active = state.Active! with { Proved = true };
            var update = state.ActiveUpdate!;
            return state with
            {
                Active = active,
                ActiveUpdate = update.Phase == UpdatePhase.Probation ? update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.Proved) } : update,
                Known = [.. state.Known.Where(known => known != active.Pointer.Manifest).TakeLast(MostKnown - 1), active.Pointer.Manifest],
            };
        }

        /// <summary>The active model failed on probation. A newer update may be under way already; it goes on, from the safe model.</summary>
        public LedgerState Reverting(string reason)
        {
            var update = state.ActiveUpdate!;
            return update.Phase == UpdatePhase.Probation
                ? state with { ActiveUpdate = update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.Failed), Reason = reason } }
                : state;
        }

        public LedgerState RolledBack()
        {
            var update = state.ActiveUpdate!;
            return state with
            {
                Active = state.Previous,
                Previous = null,
                ActiveUpdate = update.Phase == UpdatePhase.RollingBack
                    ? update with { Phase = ModelUpdate.Next(update.Phase, UpdateEvent.RolledBack), Outcome = DeploymentState.RolledBack }
                    : update,
            };
        }

        /// <summary>The shadow failed at its work and is gone.</summary>
        public LedgerState ShadowBroken(string reason) => state with
        {
            Shadow = null,
            ShadowUpdate = state.ShadowUpdate! with { Outcome = DeploymentState.Failed, Reason = reason },
        };

        /// <summary>What a slot held cannot be loaded: it is emptied, or goes back to the model before.</summary>
        public LedgerState Unloadable(SlotRole role, InstalledModel installed, string reason)
        {
            var update = state.Update(role) ?? new(state.Desired?.Epoch ?? 0, null, installed.Pointer, UpdatePhase.Settled, DeploymentState.Failed);
            var failed = state.With(role, (InstalledModel?)null).With(role, update.Target == installed.Pointer
                ? update with { Phase = UpdatePhase.Settled, Outcome = DeploymentState.Failed, Reason = $"it does not start any more: {reason}" }
                : update);
            return role == SlotRole.Active ? failed with { Active = state.Previous, Previous = null } : failed;
        }
    }
}
