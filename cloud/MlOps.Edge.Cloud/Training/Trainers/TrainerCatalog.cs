using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Training.Trainers;

/// <summary>Finds the trainer to use on this machine: the one that is asked for, or the options' fallback where it cannot run.</summary>
internal sealed partial class TrainerCatalog(IEnumerable<ITrainer> trainers, IOptions<TrainingOptions> options, ILogger<TrainerCatalog> logger)
{
    private readonly SortedDictionary<string, ITrainer> _trainers =
        new(trainers.ToDictionary(trainer => trainer.Name), StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => _trainers.Keys;

    /// <param name="name">A trainer's name; null: the one that the options name.</param>
    /// <exception cref="TrainingException">No trainer has the name, or neither it nor the fallback runs on this machine.</exception>
    public ITrainer Choose(string? name = null)
    {
        ITrainer wanted = Find(name ?? options.Value.Trainer);
        if (wanted.Unavailable is not { } reason)
        {
            return wanted;
        }

        ITrainer fallback = Find(options.Value.Fallback);
        if (fallback.Unavailable is { } other)
        {
            throw new TrainingException($"no trainer runs here: {wanted.Name}: {reason}; {fallback.Name}: {other}");
        }

        LogFallback(logger, fallback.Name, wanted.Name, reason);
        return fallback;
    }

    private ITrainer Find(string name) => _trainers.TryGetValue(name, out ITrainer? trainer)
        ? trainer
        : throw new TrainingException($"no trainer is called '{name}'; known trainers are {string.Join(", ", _trainers.Keys)}");

    [LoggerMessage(LogLevel.Warning, "{Fallback} trains instead of {Wanted}: {Reason}")]
    private static partial void LogFallback(ILogger logger, string fallback, string wanted, string reason);
}
