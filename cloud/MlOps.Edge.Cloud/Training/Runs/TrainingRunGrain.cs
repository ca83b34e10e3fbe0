using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Keeps what is known of a run; the work is <see cref="TrainingWorker"/>'s, beside the grains.</summary>
internal sealed class TrainingRunGrain(
    [PersistentState("training-run")] IPersistentState<TrainingRunRecord> stored,
    TrainingQueue queue,
    ITelemetryStore telemetry,
    IMaintenanceLog maintenance,
    IEventLog log,
    TimeProvider clock) : Grain, ITrainingRunGrain
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private string Run => this.GetPrimaryKeyString();

    private TrainingRunView View => stored.State.View ?? throw new TrainingRunNotFoundException($"There is no training run '{Run}'.");

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await TellAsync(cancellationToken);

        // A crash may have taken the worker along: whoever asks for the run next sets it to work again.
        Continue();
    }

    public async Task StartAsync(TrainingOrder order)
    {
        if (stored.State.View is null)
        {
            // The worker reads when its turn comes; what is stored meanwhile would make the snapshot a matter of speed.
            order = order with { Head = order.Head ?? new(await telemetry.GetHeadAsync(CancellationToken.None), await maintenance.GetHeadAsync(CancellationToken.None)) };
            var view = new TrainingRunView { Run = Run, Order = order, State = TrainingRunState.Queued };
            await ChangeAsync(view, [Event(view, "started", EventKinds.TrainingStarted, RunEvents.Started(order))]);
        }

        await TellAsync(CancellationToken.None);
        Continue();
    }

    public Task<TrainingRunView> GetAsync()
    {
        Continue();
        return Task.FromResult(View);
    }

    public async Task<TrainingRunView> WaitAsync(TimeSpan atMost)
    {
        _ = View;
        Continue();
        try
        {
            await _finished.Task.WaitAsync(atMost, clock);
        }
        catch (TimeoutException)
        {
            // Not an error: the view says that it goes on.
        }

        return View;
    }

    public async Task ProgressAsync(string step, string detail)
    {
        if (IsFinished(View))
        {
            return;
        }

        var view = View with { State = TrainingRunState.Running, Step = step };
        await ChangeAsync(view, [Event(view, $"step/{step}", EventKinds.TrainingStep, new() { ["step"] = step, ["detail"] = detail })]);
        await TellAsync(CancellationToken.None);
    }

    public async Task CompleteAsync(TrainingRunView result)
    {
        if (!IsFinished(View))
        {
            var view = result with { Run = Run, Order = View.Order, Step = result.Step ?? View.Step };
            UntoldEvent[] events = view.State == TrainingRunState.Failed
                ? [Event(view, "failed", EventKinds.TrainingFailed, RunEvents.Failed(view))]
                : [Event(view, "finished", EventKinds.TrainingFinished, RunEvents.Finished(view)), Event(view, "gate", EventKinds.GateDecided, RunEvents.Gate(view))];
            await ChangeAsync(view, events);
        }

        await TellAsync(CancellationToken.None);
        Continue();
    }

    private static bool IsFinished(TrainingRunView view) => view.State is TrainingRunState.Succeeded or TrainingRunState.Failed;

    private void Continue()
    {
        if (stored.State.View is not { } view)
        {
            return;
        }

        if (IsFinished(view))
        {
            _finished.TrySetResult();
        }
        else
        {
            queue.Add(Run);
        }
    }

    private UntoldEvent Event(TrainingRunView view, string what, string kind, JsonObject data)
    {
        data.Insert(0, "run", Run);
        return UntoldEvent.Of($"run/{Run}/{what}", view.Order.Watermark, $"model/{view.Order.Model}", kind, data);
    }

    private Task ChangeAsync(TrainingRunView view, UntoldEvent[] events) =>
        stored.CommitAsync(new() { View = view, Untold = [.. stored.State.Untold, .. events] });

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await log.TellAsync(stored.State.Untold, cancellationToken);
        stored.State = stored.State with { Untold = [] };
    }
}
