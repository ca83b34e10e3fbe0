using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class ChronicleTests
{
    private const string Run = "pump-rul-r1";
    private const string Rollout = "rollout/pump-rul-v1";

    private readonly List<LoggedEvent> _log = [];

    private Chronicle Chronicle => new(_log, Fields.Calendar);

    private void Tell(long cycle, string id, string subject, string kind, string data) => _log.Add(new(_log.Count + 1, id, Fields.Start.AddHours(cycle), subject, kind, data));

    [Fact]
    public void A_training_run_is_told_from_its_start_to_the_cycle_in_which_its_result_took_effect()
    {
        Tell(10, $"run/{Run}/started", "model/pump-rul", EventKinds.TrainingStarted, """{"because":"the first version"}""");
        Tell(10, $"run/{Run}/snapshot", "model/pump-rul", EventKinds.SnapshotTaken, $$"""{"run":"{{Run}}","failed":60,"running":20,"meanLifetimeFailed":201.5,"meanAgeRunning":70}""");
        Tell(12, $"run/{Run}/finished", "model/pump-rul", EventKinds.TrainingFinished,
            """{"snapshot":"s","trainer":"lightgbm","rows":9,"onnx":"o","units":{"train":["a#1","b#1"],"calibrate":["b#1"],"judge":["c#1"]},"metrics":{"judged_rmse":13.5,"champion_rmse":21.5}}""");
        Tell(12, $"run/{Run}/gate", "model/pump-rul", EventKinds.GateDecided, """{"blessed":true,"reason":"good enough"}""");
        Tell(12, "model/pump-rul/version/1", "model/pump-rul", EventKinds.VersionRegistered, $$"""{"version":1,"run":"{{Run}}"}""");
        Tell(15, "model/pump-rul/lifecycle/step-2", "model/pump-rul", EventKinds.LifecycleStateChanged, $$"""{"from":"training","to":"rolling-out","run":"{{Run}}"}""");

        var tale = Assert.Single(Chronicle.Trainings);
        Assert.Equal((Run, 10L, (long?)15), (tale.Run, tale.StartedCycle, tale.TookEffect));
        Assert.Equal((13.5, 21.5, 9L, (int?)1, true), (tale.Result!.JudgedRmse, tale.Result.ChampionRmse, tale.Result.Rows, tale.Result.Version, tale.Result.Blessed));
        Assert.Equal(["a#1", "b#1"], tale.Result.Train);
        Assert.Equal(["c#1"], tale.Result.Judge);
        Assert.Equal(new(60, 201.5, 20, 70), Chronicle.CohortOf(Run));
    }

    [Fact]
    public void A_run_that_has_not_ended_has_no_result_and_takes_no_effect()
    {
        Tell(10, $"run/{Run}/started", "model/pump-rul", EventKinds.TrainingStarted, "{}");
        var tale = Assert.Single(Chronicle.Trainings);
        Assert.Null(tale.Result);
        Assert.Null(tale.TookEffect);
        Assert.Null(Chronicle.CohortOf(Run));
    }

    [Fact]
    public void A_model_that_the_gate_kept_out_has_no_version()
    {
        Tell(10, $"run/{Run}/started", "model/pump-rul", EventKinds.TrainingStarted, "{}");
        Tell(12, $"run/{Run}/finished", "model/pump-rul", EventKinds.TrainingFinished, """{"rows":9,"units":{"train":[],"calibrate":[],"judge":[]},"metrics":{"judged_rmse":30}}""");
        Tell(12, $"run/{Run}/gate", "model/pump-rul", EventKinds.GateDecided, """{"blessed":false,"reason":"worse on old units"}""");
        var result = Assert.Single(Chronicle.Trainings).Result!;
        Assert.False(result.Blessed);
        Assert.Null(result.Version);
        Assert.Equal("worse on old units", result.Reason);
    }

    [Fact]
    public void A_rollout_s_waves_are_those_planned_whether_they_came_or_not()
    {
        Tell(20, $"{Rollout}/started", Rollout, EventKinds.RolloutStarted, """{"version":1,"waves":[{"mode":"shadow","size":2},{"mode":"active","size":18}]}""");
        Tell(20, $"{Rollout}/wave-1/started", Rollout, EventKinds.WaveStarted, """{"wave":1}""");
        Tell(31, $"{Rollout}/wave-1/decided", Rollout, EventKinds.WaveDecided, """{"wave":1,"succeeded":1,"failed":1,"unknown":0,"passed":false}""");
        Tell(31, $"{Rollout}/step-1", Rollout, EventKinds.RolloutStateChanged, """{"to":"aborted","reason":"1 of 2 failed"}""");

        var rollout = Assert.Single(Chronicle.Rollouts);
        Assert.Equal(("pump-rul-v1", 1, "aborted", "1 of 2 failed"), (rollout.Id, rollout.Version, rollout.Outcome, rollout.Reason));
        Assert.Equal<WaveFigures>([new("shadow", 2, 1, 1, 0, false, 20, 31), new("active", 18, 0, 0, 0, false, null, null)], rollout.Waves);
    }

    [Fact]
    public void Verdicts_and_scores_are_placed_at_their_cycle()
    {
        Tell(199, "drift/1/looked", "model/pump-rul", EventKinds.DriftScored, """{"version":1,"scores":{"flow":1.4,"temperature":0.2}}""");
        Tell(200, "drift/1", "model/pump-rul", EventKinds.DriftVerdict,
            """{"verdict":"drift","cause":"fleet","channels":["flow"],"devices":["edge-1"],"detector":"rank-shift","evidence":"1.4 over 1","falseAlarmBudget":0.01,"horizonDeviceCycles":24000,"version":1}""");
        var drift = Assert.Single(Chronicle.Drift);
        Assert.Equal((200L, "drift", "fleet", "rank-shift"), (drift.Cycle, drift.Verdict, drift.Cause, drift.Detector));
        Assert.Equal<DriftScore>([new(199, "flow", 1.4), new(199, "temperature", 0.2)], Chronicle.Scores);
        Assert.Equal((0.01, 24_000), (Chronicle.FalseAlarmBudget, Chronicle.FalseAlarmHorizonDeviceCycles));
    }
}
