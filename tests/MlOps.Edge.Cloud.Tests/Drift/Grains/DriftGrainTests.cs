using Google.Protobuf;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Grains;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Tests.Training;
using MlOps.Edge.Cloud.Tests.Training.Runs;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Drift.Grains;

public sealed class DriftGrainTests
{
    private static readonly UnitHistory Press = WearingMachines.Failed(1, seed: 40, prefix: "field")[0];
    private static readonly DateTimeOffset Failed = Batches.Start.AddMinutes(Press.Frames - 1);
    private static readonly float Cap = (float)WearingMachines.Definition.RulCap;

    [Fact]
    public async Task A_failure_scores_every_version_that_predicted_the_unit_once()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        await new WatchedFleet(cloud, devices: 1).PromoteAsync(seed: 31);
        await LiveAsync(cloud, 0, Press.Frames, Off(1, PredictionRole.Active, by: 2, around: 1), Off(2, PredictionRole.Shadow, by: -0.5f, around: 1));
        await cloud.Field.FailAsync(Press, Batches.Start);

        var status = await cloud.Drift.EvaluateAsync(Failed);
        await cloud.Drift.EvaluateAsync(Failed.AddMinutes(1));
        await cloud.RestartAsync(worker: false);
        await cloud.Drift.EvaluateAsync(Failed.AddMinutes(2));

        var scores = await cloud.Drift.GetUnitScoresAsync();
        Assert.Equal([1, 2], scores.Select(s => s.Version));
        Assert.All(scores, s => Assert.Equal((Press.Unit, "edge-00", (long)Press.Frames, (long)Press.Frames), (s.Unit, s.Device, s.Lifetime, s.Windows)));
        Assert.Equal([2, 2], status.Field.Select(f => (int)f.MeanWidth));
        Assert.Equal([0, 1], status.Field.Select(f => f.Coverage));

        // Above the cap an answer 2 too high is no error at all, and just below it one of 1.
        Assert.Equal(Math.Sqrt((((Cap - 1) * 4) + 1) / Press.Frames), status.Field[0].Rmse, precision: 6);
        Assert.Equal(2, await CountAsync(cloud, EventKinds.UnitScored));
    }

    [Fact]
    public async Task A_unit_whose_device_is_offline_is_scored_when_its_frames_have_come()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        await new WatchedFleet(cloud, devices: 1).PromoteAsync(seed: 31);
        await LiveAsync(cloud, 0, 50, Off(1, PredictionRole.Active, by: 0, around: 5));
        await LiveAsync(cloud, 60, Press.Frames, Off(1, PredictionRole.Active, by: 0, around: 5));
        await cloud.Field.FailAsync(Press, Batches.Start);

        await cloud.Drift.EvaluateAsync(Failed);
        Assert.Empty(await cloud.Drift.GetUnitScoresAsync());

        await cloud.RestartAsync(worker: false);
        await LiveAsync(cloud, 50, 60, Off(1, PredictionRole.Active, by: 0, around: 5));
        await cloud.Drift.EvaluateAsync(Failed.AddMinutes(1));
        Assert.Equal(Press.Frames, Assert.Single(await cloud.Drift.GetUnitScoresAsync()).Windows);
    }

    [Fact]
    public async Task Frames_that_never_come_are_not_waited_for_for_ever()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        await new WatchedFleet(cloud, devices: 1).PromoteAsync(seed: 31);
        await LiveAsync(cloud, 0, 50, Off(1, PredictionRole.Active, by: 0, around: 5));
        await cloud.Field.FailAsync(Press, Batches.Start);

        var patience = TimeSpan.FromMinutes(new LabelOptions().LongestWait);
        await cloud.Drift.EvaluateAsync(Failed + patience);
        Assert.Empty(await cloud.Drift.GetUnitScoresAsync());

        await cloud.Drift.EvaluateAsync(Failed + patience + TimeSpan.FromMinutes(1));
        Assert.Equal(50, Assert.Single(await cloud.Drift.GetUnitScoresAsync()).Windows);
    }

    [Fact]
    public async Task A_quiet_fleet_is_quiet_and_one_that_moves_is_named_once_with_its_channel()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        var fleet = new WatchedFleet(cloud, devices: 12);
        await fleet.PromoteAsync(seed: 32);
        await EvaluateAsync(cloud, fleet, frames: 80);
        Assert.Equal(DriftVerdictKind.NoDrift, (await cloud.Drift.GetAsync()).Fleet.Verdict);

        await EvaluateAsync(cloud, fleet, frames: 160, more: 1.5f);
        var status = await cloud.Drift.GetAsync();

        Assert.Equal((DriftVerdictKind.Drift, DriftCause.Fleet), (status.Fleet.Verdict, status.Fleet.Cause));
        Assert.Contains("vibration", status.Fleet.Channels);
        Assert.InRange(status.Fleet.Since!.Value, Batches.Start.AddMinutes(80), fleet.Watermark);
        Assert.InRange(status.LabelledSinceVerdict, 1, 40);
        Assert.InRange(status.FalseAlarmBudget, 0, 0.5);
        Assert.Contains(status.Channels, c => c is { Channel: "vibration", Score: >= 1 });
        var told = await cloud.Get<IEventLog>().ReadAsync(0, "model/press", 1000, TestContext.Current.CancellationToken);
        Assert.Single(told, e => e.Kind == EventKinds.DriftVerdict && e.Data.Contains("\"verdict\":\"drift\"", StringComparison.Ordinal) && e.Data.Contains("\"scope\":\"fleet\"", StringComparison.Ordinal));

        await cloud.RestartAsync(worker: false);
        Assert.Equal((status.Fleet.Since, status.LabelledSinceVerdict), ((await cloud.Drift.GetAsync()).Fleet.Since, (await cloud.Drift.GetAsync()).LabelledSinceVerdict));
    }

    [Fact]
    public async Task Scores_are_told_once_a_block_of_the_fleets_time_however_often_it_is_looked_at()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        var fleet = new WatchedFleet(cloud, devices: 12);
        await fleet.PromoteAsync(seed: 37);
        await EvaluateAsync(cloud, fleet, frames: 60);
        var last = (await LooksAsync(cloud))[^1];
        Assert.Equal(fleet.Watermark, last.At);

        for (var i = 0; i < 2 * fleet.Spec.Block; i++)
        {
            await fleet.LiveAsync(1, step: 1);
            await cloud.Drift.EvaluateAsync(fleet.Watermark);
        }

        var block = fleet.Spec.Block * WatchedFleet.Press.SampleInterval;
        Assert.Equal([last.At + block, last.At + (2 * block)], (await LooksAsync(cloud)).Where(e => e.Position > last.Position).Select(e => e.At));
    }

    [Fact]
    public async Task A_new_champion_starts_its_own_watch_and_old_scores_stay()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        var fleet = new WatchedFleet(cloud, devices: 10);
        await fleet.PromoteAsync(seed: 33);
        await LiveAsync(cloud, 0, Press.Frames, Off(1, PredictionRole.Active, by: 1, around: 5));
        await cloud.Field.FailAsync(Press, Batches.Start);
        await EvaluateAsync(cloud, fleet, frames: 140);
        Assert.Equal(1, (await cloud.Drift.GetAsync()).Version);

        await fleet.PromoteAsync(seed: 34);
        var status = await cloud.Drift.EvaluateAsync(fleet.Watermark.AddMinutes(1));

        Assert.Equal((2, DriftVerdictKind.InsufficientData, 0), (status.Version, status.Fleet.Verdict, status.LabelledSinceVerdict));
        Assert.Equal(1, Assert.Single(await cloud.Drift.GetUnitScoresAsync()).Version);
    }

    [Fact]
    public async Task One_devices_nonsense_does_not_stop_the_watch()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        var fleet = new WatchedFleet(cloud, devices: 9);
        await fleet.PromoteAsync(seed: 35);
        await cloud.Field.SendAsync("edge-99", batch => batch.Sketches.Add(new Sketch
        {
            Asset = "odd",
            Installation = 1,
            Reference = ByteString.CopyFrom(fleet.Spec.Digest()),
            Counts = ByteString.CopyFrom([255, 255, 255]),
        }));
        await EvaluateAsync(cloud, fleet, frames: 40);

        Assert.Equal(DriftVerdictKind.NoDrift, (await cloud.Drift.GetAsync()).Fleet.Verdict);
    }

    [Fact]
    public async Task Without_a_champion_nothing_is_said_and_nothing_is_lost()
    {
        await using var cloud = await TrainingCloud.StartAsync(worker: false);
        await LiveAsync(cloud, 0, Press.Frames, Off(1, PredictionRole.Active, by: 1, around: 5));
        await cloud.Field.FailAsync(Press, Batches.Start);
        Assert.Equal((0, DriftVerdictKind.InsufficientData), ((await cloud.Drift.EvaluateAsync(Failed)).Version, (await cloud.Drift.GetAsync()).Fleet.Verdict));

        await new WatchedFleet(cloud, devices: 1).PromoteAsync(seed: 36);
        await cloud.Drift.EvaluateAsync(Failed);
        Assert.Single(await cloud.Drift.GetUnitScoresAsync());
    }

    private static async Task EvaluateAsync(TrainingCloud cloud, WatchedFleet fleet, int frames, float more = 0)
    {
        for (var lived = 0; lived < frames; lived += 10)
        {
            await fleet.LiveAsync(10, more);
            await cloud.Drift.EvaluateAsync(fleet.Watermark);
        }
    }

    private static Task LiveAsync(TrainingCloud cloud, int from, int to, params FieldModel[] models) =>
        cloud.Field.WatchedAsync(Press, "edge-00", Batches.Start, from, to, counter: null, models);

    /// <summary>Knows the truth and is off by so much.</summary>
    private static FieldModel Off(int version, PredictionRole role, float by, float around) =>
        new(version, role, frame => Math.Min(Press.Frames - 1 - frame, Cap) + by, around);

    private static Task<IReadOnlyList<LoggedEvent>> LooksAsync(TrainingCloud cloud) =>
        cloud.Get<IEventLog>().ReadAsync(0, "drift/press", 1000, TestContext.Current.CancellationToken);

    private static async Task<int> CountAsync(TrainingCloud cloud, string kind) =>
        (await cloud.Get<IEventLog>().ReadAsync(0, "model/press", 1000, TestContext.Current.CancellationToken)).Count(e => e.Kind == kind);
}
