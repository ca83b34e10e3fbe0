using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>
/// Brings the slots to what is desired, the active one first, one step at a time. All changes of the slots happen on
/// this loop; what comes from elsewhere (assignments, faults, proofs) is queued for it.
/// </summary>
internal sealed partial class ModelUpdater(
    AgentIdentity identity, ModelSlots slots, ModelSource source, ModelTrial trial, ProbationWatch watch, ILogger<ModelUpdater> logger) : IAgentLoop, IInbox
{
    private readonly string _topic = Topics.Desired(identity.Device);
    private readonly ConcurrentQueue<DesiredDocument> _assignments = new();
    private readonly Pulse _wake = new();
    private readonly Lock _stepGate = new();
    private CancellationTokenSource? _step;
    private volatile bool _working;

    /// <summary>Raised when the updater came to rest.</summary>
    public Pulse Rested { get; } = new();

    /// <summary>Whether a desired document of at least that epoch was read and no step is running or due.</summary>
    public bool IsSettled(long desiredEpoch) =>
        (slots.State.Desired?.Epoch ?? 0) >= desiredEpoch && _assignments.IsEmpty && !_working && !watch.HasNews;

    public bool TryReceive(string topic, ReadOnlyMemory<byte> payload)
    {
        if (topic != _topic)
        {
            return false;
        }

        try
        {
            if (payload.Length > 0 && JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.DesiredDocument) is { } desired)
            {
                Assign(desired);
            }
        }
        catch (JsonException e)
        {
            LogUnreadable(e.Message);
        }

        return true;
    }

    /// <summary>A desired document came. A lower epoch is an old retained message and is ignored.</summary>
    public void Assign(DesiredDocument desired)
    {
        if (desired.Protocol != ProtocolVersion.Current || desired.Epoch <= (slots.State.Desired?.Epoch ?? 0))
        {
            return;
        }

        _assignments.Enqueue(desired);
        lock (_stepGate)
        {
            _step?.Cancel();
        }

        _wake.Raise();
    }

    /// <summary>Takes up the state that the last run left, and loads what its slots hold. Before the first frame.</summary>
    public Task RecoverAsync(CancellationToken cancellationToken) => slots.RecoverAsync(source, cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Task.WhenAny(_wake.Next, watch.Changed.Next);
            cancellationToken.ThrowIfCancellationRequested();
            _working = true; // before anything leaves a queue
            if (await WorkAsync(cancellationToken))
            {
                continue;
            }

            slots.Tidy();
            _working = false;
            Rested.Raise();
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <returns>Whether there was something to do.</returns>
    private async Task<bool> WorkAsync(CancellationToken cancellationToken)
    {
        if (await slots.HeedAsync(watch, source, cancellationToken))
        {
            return true;
        }

        while (_assignments.TryDequeue(out var desired))
        {
            if (desired.Epoch > (slots.State.Desired?.Epoch ?? 0))
            {
                slots.Desire(desired);
            }
        }

        foreach (var role in (SlotRole[])[SlotRole.Active, SlotRole.Shadow])
        {
            if (await ReconcileAsync(role, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> ReconcileAsync(SlotRole role, CancellationToken cancellationToken)
    {
        if (slots.State.Desired is not { } desired)
        {
            return false;
        }

        switch (Reconciliation.Next(slots.State, desired, role))
        {
            case Reconciliation.Step.None:
                return false;
            case Reconciliation.Step.Withdraw:
                await slots.WithdrawAsync(role, cancellationToken);
                return true;
            case Reconciliation.Step.Confirm:
                slots.Confirm(role, desired);
                return true;
            default:
                await UpdateAsync(role, desired, cancellationToken);
                return true;
        }
    }

    private async Task UpdateAsync(SlotRole role, DesiredDocument desired, CancellationToken cancellationToken)
    {
        var pointer = Reconciliation.Target(desired, role)!;
        using var step = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Hold(step);
        try
        {
            slots.Begin(role, desired, pointer);
            if (!_assignments.IsEmpty)
            {
                await step.CancelAsync(); // it came before the step could be cancelled from outside
            }

            LogUpdating(role, pointer.Model, pointer.Version, desired.Epoch);
            await source.DownloadAsync(pointer, slots.State, (present, total) => slots.Progress(role, present, total), step.Token);
            slots.Advance(role, UpdateEvent.Downloaded);
            var verified = source.Verify(pointer);
            slots.Advance(role, UpdateEvent.Verified);
            await slots.CommitAsync(role, pointer, verified, await trial.RunAsync(verified, step.Token), cancellationToken);
            LogUpdated(role, pointer.Model, pointer.Version);
        }
        catch (ModelRefusedException e)
        {
            LogRefused(role, pointer.Model, pointer.Version, e.State, e.Message);
            slots.Fail(role, e.State, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            slots.Fail(role, DeploymentState.Cancelled, "a newer assignment came");
        }
        finally
        {
            Hold(null);
        }
    }

    private void Hold(CancellationTokenSource? step)
    {
        lock (_stepGate)
        {
            _step = step;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A desired document is not readable: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(LogLevel.Information, "The {Role} slot goes to {Model}:{Version} (epoch {Epoch})")]
    private partial void LogUpdating(SlotRole role, string model, int version, long epoch);

    [LoggerMessage(LogLevel.Information, "The {Role} slot runs {Model}:{Version}")]
    private partial void LogUpdated(SlotRole role, string model, int version);

    [LoggerMessage(LogLevel.Warning, "The {Role} slot does not take {Model}:{Version} ({State}): {Reason}")]
    private partial void LogRefused(SlotRole role, string model, int version, DeploymentState state, string reason);
}
