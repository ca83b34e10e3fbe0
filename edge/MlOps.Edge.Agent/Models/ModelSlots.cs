using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>
/// The slots: on disk in the ledger, in memory in <see cref="LiveModels"/>. Every change is written before it is done; what is
/// written, <see cref="LedgerSteps"/> says. Changed by the updater's loop only.
/// </summary>
internal sealed class ModelSlots(ModelLedger ledger, LiveModels live, BlobStore blobs, ProbationWatch watch)
{
    private static readonly SlotRole[] Roles = [SlotRole.Active, SlotRole.Shadow];
    private volatile Download? _download;

    public LedgerState State => ledger.State;

    /// <summary>Raised after each change.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>What a proved active model suffers from; null: nothing.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What the slots hold in memory.</summary>
    public (OnnxModel? Active, OnnxModel? Shadow) Live => (live.Active, live.Shadow);

    /// <summary>After a start: what crashed under trial or probation goes back, then the slots are loaded.</summary>
    public async Task RecoverAsync(ModelSource source, CancellationToken cancellationToken)
    {
        var happened = State.StoppedInOrder ? UpdateEvent.Resumed : UpdateEvent.Crashed;

        // One write, so that a power cut in between cannot make a crash of an orderly stop.
        Save(Roles.Aggregate(State with { StoppedInOrder = false }, (state, role) => state.Restarted(role, happened)));
        if (State.ActiveUpdate is { Phase: UpdatePhase.RollingBack })
        {
            await RollBackAsync(cancellationToken);
        }

        foreach (var role in Roles)
        {
            await LoadAsync(role, source, cancellationToken);
        }
    }

    /// <summary>The agent stops in order: the next start need suspect nobody.</summary>
    public void StopInOrder() => ledger.Save(State with { StoppedInOrder = true });

    public void Desire(DesiredDocument desired) => Save(State with { Desired = desired });

    public void Begin(SlotRole role, DesiredDocument desired, ModelPointer target) => Save(State.Begun(role, desired, target));

    public void Advance(SlotRole role, UpdateEvent happened) => Save(State.Advanced(role, happened));

    public void Fail(SlotRole role, DeploymentState outcome, string reason) => Save(State.Failed(role, outcome, reason));

    /// <summary>The slot holds what a new epoch asks for.</summary>
    public void Confirm(SlotRole role, DesiredDocument desired) => Save(State.Confirmed(role, desired));

    /// <summary>Progress is worth telling, not worth a write.</summary>
    public void Progress(SlotRole role, int present, int total)
    {
        _download = new(role, present, total);
        Changed.Raise();
    }

    public ReportedDeployment? Deployment(SlotRole role)
    {
        var update = State.Update(role);
        return (update is { Phase: UpdatePhase.Downloading } && _download is { } download && download.Role == role
            ? update with { BlobsPresent = download.Present, BlobsTotal = download.Total }
            : update)?.ToReport(role);
    }

    public async Task WithdrawAsync(SlotRole role, CancellationToken cancellationToken)
    {
        Save(State.Withdrawn(role));
        await ReplaceAsync(role, null, cancellationToken);
    }

    /// <summary>The swap: one atomic write, then the live model.</summary>
    public async Task CommitAsync(SlotRole role, ModelPointer target, VerifiedModel verified, OnnxModel model, CancellationToken cancellationToken)
    {
        Save(State.Swapped(role, target, verified));
        Trouble = role == SlotRole.Active ? null : Trouble;
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

    /// <summary>Deletes blobs that no slot and no running update needs.</summary>
    public void Tidy()
    {
        if (State.ActiveUpdate is not { IsRunning: true } && State.ShadowUpdate is not { IsRunning: true })
        {
            blobs.Keep(State.Blobs.ToHashSet());
        }
    }

    private async Task HeedAsync(ModelNews item, ModelSource source, CancellationToken cancellationToken)
    {
        switch (item)
        {
            case { Fault: null }:
                Save(State.Proved());
                watch.Watch(null);
                break;
            case { Role: SlotRole.Shadow, Fault: var fault }:
                Save(State.ShadowBroken(fault));
                await ReplaceAsync(SlotRole.Shadow, null, cancellationToken);
                break;
            case { Fault: var fault } when State.Active is { Proved: false }:
                Save(State.Reverting(fault));
                await RollBackAsync(cancellationToken);
                await LoadAsync(SlotRole.Active, source, cancellationToken);
                break;
            default:
                Trouble = $"{State.Active?.Pointer.Model}:{State.Active?.Pointer.Version} fails: {item.Fault}";
                Changed.Raise();
                break;
        }
    }

    private async Task RollBackAsync(CancellationToken cancellationToken)
    {
        Save(State.RolledBack());
        await ReplaceAsync(SlotRole.Active, null, cancellationToken);
    }

    private async Task LoadAsync(SlotRole role, ModelSource source, CancellationToken cancellationToken)
    {
        while (State.Slot(role) is { } installed)
        {
            try
            {
                await ReplaceAsync(role, ModelTrial.Load(source.Verify(installed.Pointer)), cancellationToken);
                return;
            }
            catch (ModelRefusedException e)
            {
                Save(State.Unloadable(role, installed, e.Message));
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

        try
        {
            await live.ReplaceAsync(role, model, cancellationToken);
        }
        catch
        {
            model?.Dispose(); // the agent stops before it went live
            throw;
        }

        Changed.Raise();
    }

    private void Save(LedgerState state)
    {
        ledger.Save(state);
        Changed.Raise();
    }

    private sealed record Download(SlotRole Role, int Present, int Total);
}
