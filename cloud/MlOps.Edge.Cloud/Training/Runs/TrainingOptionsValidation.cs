using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Training.Runs;

[OptionsValidator]
internal sealed partial class TrainingOptionsValidator : IValidateOptions<TrainingOptions>;

/// <summary>A misspelt trainer stops the host, and says which there are.</summary>
internal sealed class TrainersMustExist(IEnumerable<ITrainer> trainers) : IValidateOptions<TrainingOptions>
{
    public ValidateOptionsResult Validate(string? name, TrainingOptions options)
    {
        var unknown = new[] { options.Trainer, options.Fallback }.FirstOrDefault(asked => trainers.All(t => t.Name != asked));
        return unknown is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Training names the trainer '{unknown}', which is not one of: {string.Join(", ", trainers.Select(t => t.Name))}.");
    }
}
