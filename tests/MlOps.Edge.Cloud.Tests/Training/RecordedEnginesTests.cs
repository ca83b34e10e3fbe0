using System.Globalization;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training;

/// <summary>The figures that the product promises, on the turbofan engines of C-MAPSS (Saxena et al., PHM 2008).</summary>
public sealed class RecordedEnginesTests
{
    private static readonly ModelDefinition s_turbofan = new()
    {
        Name = "turbofan",
        MachineKind = "turbofan",
        Channels =
        [
            .. Enumerable.Range(1, 3).Select(i => new ChannelSpec($"setting_{i}", "1", ChannelRole.Setting)),
            .. Enumerable.Range(1, 21).Select(i => new ChannelSpec($"sensor_{i}", "1")),
        ],
        Window = 50,
        RulCap = 125,
        SampleInterval = TimeSpan.FromHours(1),
    };

    [Fact]
    public void Engines_of_one_fault_are_predicted_and_those_of_an_unseen_fault_only_after_retraining()
    {
        List<UnitHistory> known = [.. Engines("FD001").Take(60)], field = [.. Engines("FD001").Skip(60)];
        List<UnitHistory> labelled = [.. Engines("FD003").Take(22)], later = [.. Engines("FD003").Skip(22)];
        ITrainer trainer = new LightGbmTrainer() is { Unavailable: null } lightGbm ? lightGbm : new ManagedGbdtTrainer();
        var pipeline = new TrainingPipeline(new TrainingOptions(), TimeProvider.System);
        TrainingRequest request = new() { Definition = s_turbofan, Units = known, Trainer = trainer, Seed = 1 };
        TrainingResult Run(TrainingRequest asked) => pipeline.Run(asked, new Progress<TrainingProgress>(), TestContext.Current.CancellationToken);

        TrainingResult first = Run(request);
        TrainingResult second = Run(request with { Units = [.. known, .. labelled], KnownUnits = first.Split, Champion = first.Onnx });
        Metrics before = Field(first, field), after = Field(first, later), retrained = Field(second, later);

        Assert.True(first.Decision.Blessed, first.Decision.Reason);
        Assert.True(second.Decision.Blessed, second.Decision.Reason);
        Assert.InRange(first.Evaluation.Overall.Rmse, 5, 15);
        Assert.InRange(before.Coverage, 0.85, 0.96);
        Assert.InRange(before.MeanWidth, 10, 45);
        Assert.InRange(retrained.UnitRmse / after.UnitRmse, 0.1, 0.8);
    }

    private static Metrics Field(TrainingResult model, List<UnitHistory> units)
    {
        UnitSplit all = UnitSplit.From(units.Select(unit => new UnitAssignment(unit.Unit, 0, UnitSide.Judge, -1)));
        return ModelJudge.Judge(model.Onnx, WindowSet.Of(s_turbofan, units), all, TestContext.Current.CancellationToken).Overall;
    }

    private static IEnumerable<UnitHistory> Engines(string set)
    {
        string file = Path.Combine(DataFolder(), $"train_{set}.txt");
        return File.ReadLines(file)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .GroupBy(row => row[0])
            .Select(engine => new UnitHistory
            {
                Unit = $"{set.ToLowerInvariant()}-{engine.Key}#1",
                Channels = s_turbofan.Channels.Count,
                Values = [.. engine.SelectMany(row => row.Skip(2).Select(value => float.Parse(value, CultureInfo.InvariantCulture)))],
                End = UnitEnd.Failed,
            });
    }

    private static string DataFolder()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_DATA") is { Length: > 0 } named)
        {
            return File.Exists(Path.Combine(named, "train_FD001.txt")) ? named : Path.Combine(named, "cmapss");
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (string candidate in new[] { "shared/data/cmapss", "data/cmapss" })
            {
                string path = Path.Combine(folder.FullName, candidate);
                if (File.Exists(Path.Combine(path, "train_FD001.txt")))
                {
                    return path;
                }
            }
        }

        Assert.Skip("skipped: no C-MAPSS data beside the repository (../shared/data/cmapss) nor under MLOPS_DATA");
        return "";
    }
}
