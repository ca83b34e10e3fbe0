using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Training.Trainers;

/// <summary>Finds the trainer to use on this machine: the one that the options name, or their fallback where it cannot run.</summary>
internal sealed partial class TrainerCatalog(IEnumerable<ITrainer> trainers, IOptions<TrainingOptions> options, ILogger<TrainerCatalog> logger)
{
    private readonly Lazy<ITrainer> _chosen = new(() => Choose([.. trainers], options.Value, logger));

    /// <exception cref="TrainingException">Neither the trainer nor its fallback runs on this machine.</exception>
    public ITrainer Chosen => _chosen.Value;

    private static ITrainer Choose(List<ITrainer> trainers, TrainingOptions options, ILogger logger)
    {
        ITrainer wanted = Find(trainers, options.Trainer);
        if (wanted.Unavailable is not { } reason)
        {
            return wanted;
        }

        ITrainer fallback = Find(trainers, options.Fallback);
        if (fallback.Unavailable is { } other)
        {
            throw new TrainingException($"no trainer runs here: {wanted.Name}: {reason}; {fallback.Name}: {other}");
        }

        LogFallback(logger, fallback.Name, wanted.Name, reason);
        return fallback;
    }

    private static ITrainer Find(List<ITrainer> trainers, string name) => trainers.First(trainer => trainer.Name == name);

    [LoggerMessage(LogLevel.Warning, "{Fallback} trains instead of {Wanted}: {Reason}")]
    private static partial void LogFallback(ILogger logger, string fallback, string wanted, string reason);
}
