using System.Threading.Channels;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Carries the pipeline's steps to the run's grain, in order, without the pipeline waiting for them.</summary>
internal sealed class RunProgress : IProgress<TrainingProgress>
{
    private readonly Channel<TrainingProgress> _steps = Channel.CreateUnbounded<TrainingProgress>();
    private readonly Task _told;

    /// <param name="tell">Step and detail.</param>
    public RunProgress(Func<string, string, Task> tell) => _told = TellAsync(tell);

    public void Report(TrainingProgress value) => _steps.Writer.TryWrite(value);

    /// <summary>Returns when every step has been told; throws what the telling threw.</summary>
    public Task CompleteAsync()
    {
        _steps.Writer.TryComplete();
        return _told;
    }

    private async Task TellAsync(Func<string, string, Task> tell)
    {
        await foreach (var step in _steps.Reader.ReadAllAsync())
        {
            await tell(step.Phase.ToString().ToLowerInvariant(), step.Detail);
        }
    }
}
