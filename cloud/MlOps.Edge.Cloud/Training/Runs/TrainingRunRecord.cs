using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Training.Runs;

[GenerateSerializer, Alias("mlops.training-run-record")]
internal sealed record TrainingRunRecord
{
    /// <summary>null: never started.</summary>
    [Id(0)] public TrainingRunView? View { get; init; }

    [Id(1)] public UntoldEvent[] Untold { get; init; } = [];
}
