using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training;

/// <summary>What one training run starts from; together with the options it determines the result to the bit.</summary>
internal sealed record TrainingRequest
{
    public required ModelDefinition Definition { get; init; }

    /// <summary>
    /// The units of the dataset snapshot. A running or censored one teaches only where it is known to live for at least the
    /// cap (see <see cref="Windows.RulTarget"/>) and never judges.
    /// </summary>
    public required IReadOnlyList<UnitHistory> Units { get; init; }

    /// <summary>What the champion's run remembered; empty for the first version. Units that it lacks are the new cohort.</summary>
    public UnitSplit KnownUnits { get; init; } = UnitSplit.Empty;

    public required ITrainer Trainer { get; init; }

    public required long Seed { get; init; }

    /// <summary>The ONNX file of the version to compare with; null for the first.</summary>
    public byte[]? Champion { get; init; }
}
