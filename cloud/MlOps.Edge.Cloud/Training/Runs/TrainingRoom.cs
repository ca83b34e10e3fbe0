using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>The pipeline, with the trainers that there are.</summary>
internal sealed partial class TrainingRoom(IEnumerable<ITrainer> trainers, IOptions<TrainingOptions> options, TimeProvider time, ILogger<TrainingRoom> logger)
{
    private readonly TrainingPipeline _pipeline = new(options.Value, time);

    /// <param name="name">Null: the configured one, or its fallback where that does not run here.</param>
    /// <exception cref="TrainingException">There is no such trainer, or it does not run on this machine.</exception>
    public ITrainer Choose(string? name)
    {
        var asked = Find(name ?? options.Value.Trainer);
        if (asked.Unavailable is not { } why)
        {
            return asked;
        }

        if (name is not null)
        {
            throw new TrainingException($"trainer '{name}' does not run here: {why}");
        }

        LogFallback(asked.Name, why, options.Value.Fallback);
        return Find(options.Value.Fallback);
    }

    public TrainingResult Run(TrainingRequest request, IProgress<TrainingProgress> progress, CancellationToken cancellationToken) =>
        _pipeline.Run(request, progress, cancellationToken);

    private ITrainer Find(string name) => trainers.FirstOrDefault(t => t.Name == name)
        ?? throw new TrainingException($"there is no trainer '{name}'; there are: {string.Join(", ", trainers.Select(t => t.Name))}");

    [LoggerMessage(LogLevel.Warning, "Trainer {Trainer} does not run here ({Reason}); {Fallback} takes over")]
    private partial void LogFallback(string trainer, string reason, string fallback);
}
