using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Contracts.Documents;
using static MlOps.Edge.Agent.Models.UpdateEvent;

namespace MlOps.Edge.Agent.Models;

/// <summary>
/// The slots: on disk in the ledger, in memory in <see cref="LiveModels"/>. Every change is written before it is done.
/// Changed by the updater's loop only.
/// </summary>
internal sealed class ModelSlots(ModelLedger ledger, LiveModels live, BlobStore blobs, ProbationWatch watch)
{
    private const int MostKnown = 16;

    public LedgerState State => ledger.State;

    /// <summary>Raised after each change.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>What a proved active model suffers from; null: nothing.</summary>
    public string? Trouble { get; private set; }

    /// <summary>After a start: what crashed under trial or probation goes back, then the slots are loaded.</summary>
    public async Task RecoverAsync(ModelSource source, CancellationToken cancellationToken)
    {
        var happened = State.StoppedInOrder ? Resumed : Crashed;
        Save(State with { StoppedInOrder = false });
        foreach (var role in (SlotRole[])[SlotRole.Active, SlotRole.Shadow])
        {
            if (State.Update(role) is not { } update)
            {
                continue;
            }

            var next = ModelUpdate.Next(update.Phase, happened);
            Save(State.With(role, update.Phase == UpdatePhase.Trial && next == UpdatePhase.Settled
                ? update with { Phase = next, Outcome = DeploymentState.Failed, Reason = "the agent stopped in the middle of the trial" }
                : update with { Phase = next, Reason = next == UpdatePhase.RollingBack ? update.Reason ?? "the agent stopped on probation (crash or power cut)" : update.Reason }));
            if (next == UpdatePhase.RollingBack)
            {
                await RollBackAsync(source, cancellationToken);
            }
        }

        await LoadAsync(SlotRole.Active, source, cancellationToken);
        await LoadAsync(SlotRole.Shadow, source, cancellationToken);
    }

    /// <summary>The agent stops in order: the next start need suspect nobody.</summary>
    public void StopInOrder() => ledger.Save(State with { StoppedInOrder = true });

    public void Desire(DesiredDocument desired) => Save(State with { Desired = desired });

    public void Begin(SlotRole role, DesiredDocument desired, ModelPointer target)
    {
        var phase = ModelUpdate.Next(State.Update(role)?.Phase ?? UpdatePhase.Settled, Assigned);
        Save(State.With(role, new SlotUpdate(desired.Epoch, desired.Rollout, target, phase, DeploymentState.Pending)));
    }

    public void Advance(SlotRole role, UpdateEvent happened) => Save(State.With(role, State.Update(role)! with { Phase = ModelUpdate.Next(State.Update(role)!.Phase, happened) }));

    /// <summary>Progress is worth telling, not worth a write.</summary>
    public void Progress(SlotRole role, int present, int total)
    {
        _progress = (role, present, total);
        Changed.Raise();
    }

    private (SlotRole Role, int Present, int Total) _progress;

    public ReportedDeployment? Deployment(SlotRole role)
    {
        var (of, present, total) = _progress;
        var update = State.Update(role);
        return (update is { Phase: UpdatePhase.Downloading } && of == role ? update with { BlobsPresent = present, BlobsTotal = total } : update)?.ToReport(role);
    }

    public void Fail(SlotRole role, DeploymentState outcome, string reason)
    {
        var update = State.Update(role)!;
        Save(State.With(role, update with { Phase = ModelUpdate.Next(update.Phase, Failed), Outcome = outcome, Reason = reason }));
    }

    /// <summary>The slot holds what a new epoch asks for.</summary>
    public void Confirm(SlotRole role, DesiredDocument desired)
    {
        var held = State.Slot(role)!;
        var (phase, outcome) = role == SlotRole.Shadow ? (UpdatePhase.Settled, DeploymentState.Shadow)
            : held.Proved ? (UpdatePhase.Settled, DeploymentState.Succeeded) : (UpdatePhase.Probation, DeploymentState.Probation);
        Save(State.With(role, new SlotUpdate(desired.Epoch, desired.Rollout, held.Pointer, phase, outcome)));
    }

    public async Task WithdrawAsync(SlotRole role, CancellationToken cancellationToken)
    {
        Save(State.With(role, (SlotUpdate?)null).With(role, (InstalledModel?)null));
        await ReplaceAsync(role, null, cancellationToken);
    }

    /// <summary>The swap: one atomic write, then the live model.</summary>
    public async Task CommitAsync(SlotRole role, ModelPointer target, VerifiedModel verified, OnnxModel model, CancellationToken cancellationToken)
    {
        var installed = new InstalledModel(target, verified.Manifest.Digest, verified.Blobs, Proved: role == SlotRole.Shadow);
        var update = State.Update(role)!;
        if (role == SlotRole.Shadow)
        {
            Save((State with { Shadow = installed }).With(role, update with { Phase = ModelUpdate.Next(update.Phase, Shadowing), Outcome = DeploymentState.Shadow }));
        }
        else
        {
            var counters = new Dictionary<string, long>(State.Counters) { [target.Model] = Math.Max(State.Counters.GetValueOrDefault(target.Model, long.MinValue), verified.Manifest.Counter) };
            Save(State with
            {
                Active = installed,
                Previous = new[] { State.Active, State.Previous }.FirstOrDefault(old => old is { Proved: true } && old.Pointer != target),
                ActiveUpdate = update with { Phase = ModelUpdate.Next(update.Phase, TrialPassed), Outcome = DeploymentState.Succeeded },
                Counters = counters,
            });
            Trouble = null;
        }

        await ReplaceAsync(role, model, cancellationToken);
    }

    /// <summary>Acts on what the watch has seen.</summary>
    /// <returns>Whether there was something.</returns>
    public async Task<bool> HeedAsync(ProbationWatch news, ModelSource source, CancellationToken cancellationToken)
    {
        if (!news.TryTake(out var item) || item is null)
        {
            return false;
        }

        // News of a model that is gone is old.
        if (live[item.Role] == item.Model)
        {
            await HeedAsync(item, source, cancellationToken);
        }

        news.Heeded();
        return true;
    }

    private async Task HeedAsync(ModelNews item, ModelSource source, CancellationToken cancellationToken)
    {
        switch (item)
        {
            case { Fault: null }:
                Prove();
                break;
            case { Role: SlotRole.Shadow, Fault: var fault }:
                Save(State.With(SlotRole.Shadow, (InstalledModel?)null).With(SlotRole.Shadow, State.ShadowUpdate! with { Outcome = DeploymentState.Failed, Reason = fault }));
                await ReplaceAsync(SlotRole.Shadow, null, cancellationToken);
                break;
            case { Fault: var fault } when State.Active is { Proved: false }:
                await RevertAsync(fault, source, cancellationToken);
                break;
            default:
                Trouble = $"{State.Active?.Pointer.Model}:{State.Active?.Pointer.Version} fails: {item.Fault}";
                Changed.Raise();
                break;
        }
    }

    /// <summary>Deletes blobs that no slot and no running update needs.</summary>
    public void Tidy()
    {
        if (State.ActiveUpdate is not { IsRunning: true } && State.ShadowUpdate is not { IsRunning: true })
        {
            blobs.Keep(State.Blobs.ToHashSet());
        }
    }

    private void Prove()
    {
        var active = State.Active! with { Proved = true };
        var update = State.ActiveUpdate!;
        Save(State with
        {
            Active = active,
            ActiveUpdate = update.Phase == UpdatePhase.Probation ? update with { Phase = ModelUpdate.Next(update.Phase, Proved) } : update,
            Known = [.. State.Known.Where(known => known != active.Pointer.Manifest).TakeLast(MostKnown - 1), active.Pointer.Manifest],
        });
        watch.Watch(null);
    }

    private async Task RevertAsync(string reason, ModelSource source, CancellationToken cancellationToken)
    {
        // A newer update may be under way already; it goes on, from the safe model.
        var update = State.ActiveUpdate!;
        if (update.Phase == UpdatePhase.Probation)
        {
            Save(State with { ActiveUpdate = update with { Phase = ModelUpdate.Next(update.Phase, Failed), Reason = reason } });
        }

        await RollBackAsync(source, cancellationToken);
        await LoadAsync(SlotRole.Active, source, cancellationToken);
    }

    private async Task RollBackAsync(ModelSource source, CancellationToken cancellationToken)
    {
        var update = State.ActiveUpdate!;
        Save(State with
        {
            Active = State.Previous,
            Previous = null,
            ActiveUpdate = update.Phase == UpdatePhase.RollingBack
                ? update with { Phase = ModelUpdate.Next(update.Phase, RolledBack), Outcome = DeploymentState.RolledBack }
                : update,
        });
        await ReplaceAsync(SlotRole.Active, null, cancellationToken);
    }

    private async Task LoadAsync(SlotRole role, ModelSource source, CancellationToken cancellationToken)
    {
        if (State.Slot(role) is not { } installed)
        {
            return;
        }

        try
        {
            await ReplaceAsync(role, ModelTrial.Load(source.Verify(installed.Pointer)), cancellationToken);
        }
        catch (ModelRefusedException e)
        {
            var update = State.Update(role) ?? new(State.Desired?.Epoch ?? 0, null, installed.Pointer, UpdatePhase.Settled, DeploymentState.Failed);
            var failed = State.With(role, (InstalledModel?)null).With(role, update.Target == installed.Pointer
                ? update with { Phase = UpdatePhase.Settled, Outcome = DeploymentState.Failed, Reason = $"it does not start any more: {e.Message}" }
                : update);
            Save(role == SlotRole.Active ? failed with { Active = State.Previous, Previous = null } : failed);
            if (role == SlotRole.Active)
            {
                await LoadAsync(role, source, cancellationToken);
            }
        }
    }

    private async Task ReplaceAsync(SlotRole role, OnnxModel? model, CancellationToken cancellationToken)
    {
        if (live[role] is { } old)
        {
            watch.Forget(old);
        }

        if (role == SlotRole.Active)
        {
            watch.Watch(State.Active is { Proved: false } ? model : null);
        }

        await live.ReplaceAsync(role, model, cancellationToken);
        Changed.Raise();
    }

    private void Save(LedgerState state)
    {
        ledger.Save(state);
        Changed.Raise();
    }
}
