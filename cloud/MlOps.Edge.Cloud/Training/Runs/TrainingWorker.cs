using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Works on the queued runs, one at a time, beside the grains.</summary>
internal sealed partial class TrainingWorker(TrainingQueue queue, TrainingJob job, IGrainFactory grains, ILogger<TrainingWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var run in queue.ReadAllAsync(stoppingToken))
        {
            try
            {
                await WorkAsync(run, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Not even its end could be recorded. The run stays unfinished, and starts over when it is next asked for.
                LogLost(run, e);
            }
            finally
            {
                queue.Release(run);
            }
        }
    }

    private async Task WorkAsync(string run, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<ITrainingRunGrain>(run);
        var view = await grain.GetAsync();
        if (view.State is TrainingRunState.Succeeded or TrainingRunState.Failed)
        {
            return;
        }

        TrainingRunView result;
        try
        {
            result = await job.RunAsync(run, view.Order, grain.ProgressAsync, cancellationToken);
        }
        catch (TrainingException e)
        {
            result = Failed(view, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(run, e);
            result = Failed(view, $"the run broke off: {e.Message}");
        }

        await grain.CompleteAsync(result);
    }

    private static TrainingRunView Failed(TrainingRunView view, string error) =>
        view with { State = TrainingRunState.Failed, Step = null, Error = error, Reason = error };

    [LoggerMessage(LogLevel.Error, "Training run {Run} failed")]
    private partial void LogFailed(string run, Exception error);

    [LoggerMessage(LogLevel.Error, "The end of training run {Run} could not be recorded; it starts over when it is next asked for")]
    private partial void LogLost(string run, Exception error);
}
