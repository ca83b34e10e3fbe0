using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Training.Runs;

public sealed class TrainingRunTests
{
    private static readonly DateTimeOffset Watermark = Batches.Start.AddDays(2);

    [Fact]
    public async Task A_run_ends_with_a_version_that_the_registry_takes_and_a_story_in_the_log()
    {
        await using var cloud = await TrainingCloud.StartAsync();
        await RecordAsync(cloud);

        var first = await TrainAsync(cloud, "run-1");
        var second = await TrainAsync(cloud, "run-2");

        Assert.True(first.State == TrainingRunState.Succeeded && first.Blessed, first.Reason);
        Assert.Equal((24, 6), (first.TrainUnits.Length, first.JudgeUnits.Length));
        Assert.Empty(first.TrainUnits.Intersect(first.JudgeUnits));
        Assert.Equal((first.Onnx, first.Snapshot), (second.Onnx, second.Snapshot));

        var version = await cloud.Model.RegisterAsync(first.Draft!);
        Assert.Equal((1, first.Snapshot, 24 + 6), (version.Version, version.Snapshot, version.JudgedErrors.Length));
        var spec = SketchSpec.FromBytes(await BytesAsync(cloud, version.SketchSpec!));
        Assert.Equal(spec, ReferenceSketch.FromBytes(await BytesAsync(cloud, version.Reference!)).Spec);

        var told = await cloud.Get<IEventLog>().ReadAsync(0, "model/press", 1000, TestContext.Current.CancellationToken);
        var ofFirst = told.Where(e => JsonNode.Parse(e.Data)!["run"]?.ToString() == "run-1").Select(e => e.Kind).ToArray();
        Assert.Equal(EventKinds.TrainingStarted, ofFirst[0]);
        Assert.Contains(EventKinds.SnapshotTaken, ofFirst);
        Assert.Contains(EventKinds.TrainingStep, ofFirst);
        Assert.Equal([EventKinds.TrainingFinished, EventKinds.GateDecided, EventKinds.VersionRegistered], ofFirst[^3..]);
    }

    [Fact]
    public async Task A_challenger_is_judged_against_the_champion_and_keeps_its_sides()
    {
        await using var cloud = await TrainingCloud.StartAsync();
        await RecordAsync(cloud);
        var first = await TrainAsync(cloud, "run-1");
        await cloud.Model.RegisterAsync(first.Draft!);
        await RecordAsync(cloud, seed: 12, prefix: "newer");

        var second = await TrainAsync(cloud, "run-2", champion: 1);

        Assert.Equal(TrainingRunState.Succeeded, second.State);
        Assert.All(first.JudgeUnits, unit => Assert.Contains(unit, second.JudgeUnits));
        Assert.Equal(12, second.JudgeUnits.Length);
        Assert.Contains(second.Gate, row => row.Champion is not null);
        Assert.True(second.Metrics.ContainsKey("champion_rmse"));
    }

    [Fact]
    public async Task A_unit_keeps_its_side_after_a_run_that_was_never_registered_and_one_that_failed()
    {
        await using var cloud = await TrainingCloud.StartAsync();
        await RecordAsync(cloud);
        var first = await TrainAsync(cloud, "run-1");
        var broken = await TrainAsync(cloud, "run-2", trainer: "crystal-ball", after: "run-1");
        await RecordAsync(cloud, seed: 12, prefix: "newer");

        var third = await TrainAsync(cloud, "run-3", after: "run-2");

        Assert.Equal(TrainingRunState.Failed, broken.State);
        Assert.Equal((48, 12), (third.TrainUnits.Length, third.JudgeUnits.Length));
        Assert.Empty(first.TrainUnits.Except(third.TrainUnits));
        Assert.Empty(first.JudgeUnits.Except(third.JudgeUnits));
    }

    [Fact]
    public async Task A_run_that_cannot_be_done_fails_with_one_line()
    {
        await using var cloud = await TrainingCloud.StartAsync();

        var empty = await TrainAsync(cloud, "run-1");
        var unknown = await TrainAsync(cloud, "run-2", trainer: "crystal-ball");
        var orphan = await TrainAsync(cloud, "run-3", champion: 4);

        Assert.Equal((TrainingRunState.Failed, false), (empty.State, empty.Blessed));
        Assert.Contains("too few", empty.Error, StringComparison.Ordinal);
        Assert.Contains("'crystal-ball'", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("no version 4", orphan.Error, StringComparison.Ordinal);
        Assert.All([empty, unknown, orphan], run => Assert.DoesNotContain('\n', run.Error!));
    }

    [Fact]
    public async Task A_run_that_a_crash_cut_short_starts_over_with_what_was_known_when_it_was_ordered()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        await RecordAsync(cloud);
        var run = cloud.Grains.GetGrain<ITrainingRunGrain>("run-1");
        await run.StartAsync(Order());
        Assert.Equal(TrainingRunState.Queued, (await run.WaitAsync(TimeSpan.FromMilliseconds(20))).State);

        await RecordAsync(cloud, seed: 12, prefix: "newer");
        await cloud.RestartAsync();

        var done = await FinishedAsync(cloud, "run-1");
        Assert.Equal(TrainingRunState.Succeeded, done.State);
        Assert.Equal((24, 6), (done.TrainUnits.Length, done.JudgeUnits.Length));
    }

    [Fact]
    public async Task A_run_that_was_never_started_is_told_by_name()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);

        var error = await Assert.ThrowsAsync<TrainingRunNotFoundException>(() => cloud.Grains.GetGrain<ITrainingRunGrain>("run-9").GetAsync());

        Assert.Contains("run-9", error.Message, StringComparison.Ordinal);
    }

    internal static async Task RecordAsync(TrainingCloud cloud, int seed = 11, string prefix = "press")
    {
        foreach (var unit in WearingMachines.Failed(30, seed, prefix))
        {
            await cloud.Field.LiveAsync(unit, "history", Batches.Start);
            await cloud.Field.FailAsync(unit, Batches.Start);
        }
    }

    internal static async Task<TrainingRunView> TrainAsync(TrainingCloud cloud, string run, int? champion = null, string? trainer = null, string? after = null)
    {
        await cloud.Grains.GetGrain<ITrainingRunGrain>(run).StartAsync(Order(champion, trainer, after));
        return await FinishedAsync(cloud, run);
    }

    private static TrainingOrder Order(int? champion = null, string? trainer = null, string? after = null) =>
        new("press", Watermark, champion, trainer, Seed: 5, Because: "a test", After: after);

    private static async Task<TrainingRunView> FinishedAsync(TrainingCloud cloud, string run)
    {
        for (var asked = 0; asked < 12; asked++)
        {
            var view = await cloud.Grains.GetGrain<ITrainingRunGrain>(run).WaitAsync(TimeSpan.FromSeconds(10));
            if (view.State is TrainingRunState.Succeeded or TrainingRunState.Failed)
            {
                return view;
            }
        }

        throw new TimeoutException($"{run} did not finish within two minutes");
    }

    private static async Task<byte[]> BytesAsync(TrainingCloud cloud, string digest) =>
        (await cloud.Get<IArtifactStore>().GetAsync(Sha256Digest.Parse(digest), TestContext.Current.CancellationToken))!;
}
