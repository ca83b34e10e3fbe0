using System.Runtime.InteropServices;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;
using MlOps.Edge.Contracts.Models;

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

    [Fact]
    public void A_challenger_taught_the_new_fault_is_blessed_and_one_taught_wrong_labels_is_refused()
    {
        List<UnitHistory> known = WearingMachines.Failed(30, seed: 3);
        List<UnitHistory> failed = WearingMachines.Failed(20, seed: 4, prefix: "field", newFault: true);
        // Replaced somewhere in mid-life, but written down as failed.
        List<UnitHistory> mislabelled = [.. failed.Select((unit, i) =>
            WearingMachines.Part(unit, 0, unit.Frames * (30 + (2 * i)) / 100, UnitEnd.Failed))];
        TrainingResult champion = Train("managed-gbdt", known);

        TrainingResult honest = Train("managed-gbdt", [.. known, .. failed], champion: champion);
        TrainingResult poisoned = Train("managed-gbdt", [.. known, .. mislabelled], champion: champion);

        Assert.True(honest.Decision.Blessed, honest.Decision.Reason);
        Assert.False(poisoned.Decision.Blessed);
        Assert.Contains(poisoned.Decision.Checks, check => check is { Slice: Slices.Known, Passed: false });
        Assert.Equal(champion.Split.Judge, honest.Split.Judge.Where(champion.Split.Judge.Contains));
    }

    [Fact]
    public void Golden_vectors_hold_short_spoiled_healthy_and_failing_windows_and_the_models_own_answers()
    {
        TrainingResult result = Train("managed-gbdt", WearingMachines.Failed(20, seed: 5));
        using var scorer = new OnnxScorer(result.Onnx);

        Assert.Contains(result.Golden, golden => golden.Outputs["rul"][0] < 6);
        Assert.Contains(result.Golden, golden => golden.Outputs["rul"][0] > 50);
        Assert.Contains(result.Golden, golden => Values(golden).Contains(float.NaN));
        Assert.Contains(result.Golden, golden => Values(golden).Chunk(4).Select(frame => frame[1]).Distinct().Count() == 1);
        Assert.All(result.Golden, golden => Assert.Equal(
            RulModel.Outputs.Select(output => golden.Outputs[output][0]),
            scorer.Score(Values(golden), 1, 20, 4, RulModel.Outputs).Select(values => values[0])));
        Assert.All(result.Golden, golden => Assert.All(golden.Outputs.Values, values => Assert.InRange(values[0], 0, 60)));
    }

    [Fact]
    public void Running_units_teach_and_never_judge()
    {
        List<UnitHistory> failed = WearingMachines.Failed(20, seed: 6);
        List<UnitHistory> running = [.. WearingMachines.Failed(5, seed: 7, prefix: "field").Select(unit => WearingMachines.Part(unit, 0, 75, UnitEnd.Running))];

        TrainingResult without = Train("managed-gbdt", failed), with = Train("managed-gbdt", [.. failed, .. running]);

        Assert.Equal(without.Split.Judge, with.Split.Judge);
        Assert.True(with.Rows > without.Rows);
    }

    [Fact]
    public void A_run_whose_graph_strays_from_its_trainer_fails()
    {
        TrainingOptions strict = s_options with { Limits = new() { Parity = 0 } };

        var error = Assert.Throws<TrainingException>(() => Train("managed-gbdt", WearingMachines.Failed(20, seed: 8), options: strict));

        Assert.Contains("differ by", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_failures_are_refused_with_the_number_that_is_needed()
    {
        var error = Assert.Throws<TrainingException>(() => Train("managed-gbdt", WearingMachines.Failed(8, seed: 9)));

        Assert.Contains("at least 10 and 1 are needed", error.Message, StringComparison.Ordinal);
    }

    private static float[] Values(GoldenVector golden) => MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(golden.Window)).ToArray();

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
