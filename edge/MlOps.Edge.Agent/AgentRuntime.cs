using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent;

/// <summary>
/// One running agent. Its frames are pulled from outside, one <see cref="StepAsync"/> at a time: by a timer in real
/// time, or by a simulator in virtual time. Everything else goes on by itself.
/// </summary>
internal sealed class AgentRuntime(FrameLine line, CloudTraffic traffic, ModelUpdater updater, ModelSlots slots, Outbox.Outbox outbox) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;
    private bool _recovered;

    /// <summary>Loads the models that the slots hold and starts the loops. Returns without waiting for the cloud.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await updater.RecoverAsync(cancellationToken);
        _recovered = true;
        _loops = traffic.RunAsync(_stop.Token);
    }

    /// <summary>Ends when the agent stops; faults when a loop of the agent failed.</summary>
    public Task Completion => _loops;

    /// <summary>Samples one frame of every machine through the whole line.</summary>
    /// <returns>How many machines had one.</returns>
    public Task<int> StepAsync(CancellationToken cancellationToken) => line.StepAsync(cancellationToken);

    /// <summary>Commits the frames that were sampled so far.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => line.FlushAsync(cancellationToken);

    /// <summary>
    /// Completes when all that was committed is stored by the cloud, a desired document of at least that epoch was read
    /// and done with (probation may still run), and the cloud has kept the newest report.
    /// </summary>
    public async Task SettledAsync(long desiredEpoch, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Task.WhenAny(outbox.Changed.Next, updater.Rested.Next, traffic.Reporter.Settled.Next, _loops);
            if (_loops.IsCompleted)
            {
                await _loops;
                throw new InvalidOperationException("The agent has stopped.");
            }

            if (outbox.Info.Pending == 0 && updater.IsSettled(desiredEpoch) && traffic.Reporter.IsSettled)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The last committed frame of a machine; null: none. A plant that must go on after a kill goes on there.</summary>
    public ResumePoint? ResumePoint(AssetId asset) => outbox.Resume(asset).Point is { Age: >= 0 } point ? point : null;

    /// <summary>Takes the network away without a goodbye, or gives it back.</summary>
    public void SetNetwork(bool up) => traffic.Link.SetNetwork(up);

    /// <summary>Commits, says goodbye, and notes that it ended in order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await line.FlushAsync(cancellationToken);
        }
        finally
        {
            // Even with a full disk: nothing may run on while what it uses is disposed of.
            await _stop.CancelAsync();
            await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A start that did not get through, or a loop that failed, is no orderly end: the next start may suspect a model on trial.
        if (_recovered && !_loops.IsFaulted)
        {
            slots.StopInOrder();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stop.Dispose();
    }
}
