using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

namespace MlOps.Edge.Cloud.Tests.Training;

public sealed class TrainingPipelineTests
{
    private static readonly TrainingOptions s_options = new() { Boosting = new() { Trees = 40, RowsPerLeaf = 20 } };

    public static TheoryData<string> Trainers => ["lightgbm", "managed-gbdt"];

    [Theory, MemberData(nameof(Trainers))]
    public void A_first_version_predicts_lives_it_has_not_seen_and_is_blessed(string trainer)
    {
        TrainingResult result = Train(trainer, WearingMachines.Failed(30, seed: 1));

        Assert.True(result.Decision.Blessed, result.Decision.Reason);
        Assert.Equal(6, result.Evaluation.Units.Count);
        Assert.InRange(result.Evaluation.Overall.Rmse, 0.1, result.Evaluation.Overall.ConstantRmse / 2);
        Assert.InRange(result.Evaluation.Overall.Coverage, 0.8, 1);
        Assert.InRange(result.Checks.Parity, 0, 1e-3);
    }

    [Theory, MemberData(nameof(Trainers))]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not(string trainer)
    {
        List<UnitHistory> units = WearingMachines.Failed(20, seed: 2);
        TrainingResult first = Train(trainer, units);
        units.Reverse();
        TrainingResult again = Train(trainer, units);
        TrainingResult other = Train(trainer, units, seed: 8);

        Assert.Equal(first.Onnx, again.Onnx);
        Assert.NotEqual(first.Onnx, other.Onnx);
    }

    internal static TrainingResult Train(
        string trainer, IReadOnlyList<UnitHistory> units, int seed = 7, TrainingResult? champion = null, TrainingOptions? options = null)
    {
        ITrainer chosen = trainer == "lightgbm" ? new LightGbmTrainer() : new ManagedGbdtTrainer();
        if (chosen.Unavailable is { } why)
        {
            Assert.Skip($"skipped: {why}");
        }

        return new TrainingPipeline(options ?? s_options, TimeProvider.System).Run(
            new()
            {
                Definition = WearingMachines.Definition,
                Units = units,
                KnownUnits = champion?.Split ?? UnitSplit.Empty,
                Trainer = chosen,
                Seed = seed,
                Champion = champion?.Onnx,
            },
            new Progress<TrainingProgress>(),
            TestContext.Current.CancellationToken);
    }
}
