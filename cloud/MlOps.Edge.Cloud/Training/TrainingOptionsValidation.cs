using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Training;

/// <summary>Ranges, by source generation from the attributes.</summary>
[OptionsValidator]
internal sealed partial class TrainingOptionsRanges : IValidateOptions<TrainingOptions>;

/// <summary>A misspelt trainer stops the host and lists the choices.</summary>
internal sealed class TrainingOptionsNames(IEnumerable<ITrainer> trainers) : IValidateOptions<TrainingOptions>
{
    public ValidateOptionsResult Validate(string? name, TrainingOptions options)
    {
        string[] known = [.. trainers.Select(trainer => trainer.Name).Order(StringComparer.Ordinal)];
        string[] errors =
        [
            .. new[] { (Setting: nameof(options.Trainer), Value: options.Trainer), (Setting: nameof(options.Fallback), Value: options.Fallback) }
                .Where(setting => !known.Contains(setting.Value))
                .Select(setting => $"{TrainingOptions.Section}:{setting.Setting} is '{setting.Value}'; known trainers are {string.Join(", ", known)}"),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
