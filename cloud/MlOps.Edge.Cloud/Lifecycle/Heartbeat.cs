using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>Takes every model through one turn at a watermark, one after the other, so that the same data give the same decisions in the same order.</summary>
internal sealed partial class Heartbeat(IGrainFactory grains, ILogger<Heartbeat> logger) : IHeartbeat, IDisposable
{
    // A grain call must return well within Orleans' response timeout (30 s by default), so a long wait is many short ones.
    private static readonly TimeSpan WaitSlice = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private DateTimeOffset _reached = DateTimeOffset.MinValue;

    /// <exception cref="AggregateException">Turns that failed, one for each model or rollout; the others were taken.</exception>
    public async Task AdvanceAsync(DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (watermark <= _reached)
            {
                return;
            }

            List<Exception> failures = [];
            HashSet<string> ticked = [];
            foreach (var model in await grains.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default).ListAsync())
            {
                await TakeAsync($"model {model}", async () => ticked.Add(await TurnAsync(model, watermark, cancellationToken) ?? ""), failures, cancellationToken);
            }

            // What is left was started by hand.
            var running = await grains.GetGrain<IRolloutCatalogGrain>(IRolloutCatalogGrain.Default).RunningAsync();
            foreach (var rollout in running.Where(r => !ticked.Contains(r)))
            {
                await TakeAsync($"rollout {rollout}", () => grains.GetGrain<IRolloutGrain>(rollout).TickAsync(watermark), failures, cancellationToken);
            }

            if (failures is not [])
            {
                throw new AggregateException($"{failures.Count} turns failed at {watermark:O}", failures);
            }

            _reached = watermark;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <returns>The rollout that the lifecycle has ticked; null: none.</returns>
    private async Task<string?> TurnAsync(string model, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        await grains.GetGrain<IDriftGrain>(model).EvaluateAsync(watermark);
        var lifecycle = grains.GetGrain<ILifecycleGrain>(model);
        var view = await lifecycle.TickAsync(watermark);
        while (view.Awaits is { } run)
        {
            // Its declared time is over: lives must not go on before its result counts, whatever the machine's speed.
            await WaitAsync(run, cancellationToken);
            view = await lifecycle.TickAsync(watermark);
        }

        return view.State == LifecycleState.RollingOut ? view.Rollout : null;
    }

    private async Task WaitAsync(string run, CancellationToken cancellationToken)
    {
        var training = grains.GetGrain<ITrainingRunGrain>(run);
        while ((await training.WaitAsync(WaitSlice)).State is TrainingRunState.Queued or TrainingRunState.Running)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task TakeAsync(string turn, Func<Task> take, List<Exception> failures, CancellationToken cancellationToken)
    {
        try
        {
            await take();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            // One model's trouble is not another's: the rest have their turn, then the caller hears of it.
            LogFailed(e, turn);
            failures.Add(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "The turn of {Turn} failed")]
    private partial void LogFailed(Exception exception, string turn);
}
