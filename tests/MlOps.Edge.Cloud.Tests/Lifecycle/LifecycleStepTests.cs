using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Tests.Lifecycle;

public class LifecycleStepTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(10);
    private static readonly LifecycleOptions Options = new();
    private static readonly LifecycleRecord Ordered = new() { Order = new(Seed: 1, TrainingTime: TimeSpan.Zero) };
    private static readonly LifecycleFacts Quiet = new("rul", Now, Champion: 1, new() { Model = "rul", Version = 1 }, Run: null, Rollout: null, Labels: 60);
    private static readonly LifecycleFacts Moved = Quiet with { Drift = Quiet.Drift with { Fleet = Drifted(DriftCause.Fleet) } };

    [Theory]
    [InlineData("Begun Blessed RolledOut FleetMoved CohortComplete Blessed RolledOut", "Monitoring")]
    [InlineData("Begun KeptOutFirst CohortComplete Blessed RevertedFirst", "Gathering")]
    [InlineData("Adopted FleetMoved FleetBack", "Monitoring")]
    [InlineData("Adopted FleetMoved CohortComplete KeptOut", "Monitoring")]
    [InlineData("Adopted Wait FleetMoved CohortComplete Wait Blessed Wait Reverted", "Monitoring")]
    public void Every_journey_of_the_loop_ends_as_drawn(string journey, string end) =>
        Assert.Equal(Enum.Parse<LifecycleState>(end), journey.Split(' ').Select(Enum.Parse<LifecycleFinding>).Aggregate(LifecycleState.Idle, LifecycleTable.Next));

    [Theory]
    [InlineData("Idle", "Blessed")]
    [InlineData("Training", "FleetMoved")]
    [InlineData("RollingOut", "FleetMoved")]
    [InlineData("Monitoring", "CohortComplete")]
    public void What_is_not_in_the_table_cannot_happen(string state, string finding) =>
        Assert.Throws<InvalidOperationException>(() => LifecycleTable.Next(Enum.Parse<LifecycleState>(state), Enum.Parse<LifecycleFinding>(finding)));

    [Fact]
    public void Nothing_happens_to_a_model_that_was_not_taken_into_the_loop() => Expect(LifecycleFinding.Wait, new(), Quiet with { Champion = null });

    [Fact]
    public void A_model_without_a_champion_is_trained_at_once()
    {
        var loop = LifecycleStep.Next(Ordered, Quiet with { Champion = null }, Options);

        Assert.Equal((LifecycleState.Training, "rul-r1"), (loop.State, loop.Run));
        Assert.Equal(new TrainingOrder("rul", Now, null, null, 1, loop.Reason), loop.Owed!.Train);
    }

    [Fact]
    public void A_result_counts_when_its_declared_time_is_over_and_not_before()
    {
        var loop = Training() with { Order = new(1, TimeSpan.FromDays(3)), Since = Now.AddDays(-3).AddTicks(1) };
        Expect(LifecycleFinding.Wait, loop, Quiet with { Run = Done(blessed: true) });
        Assert.Null(LifecycleStep.Next(loop, Quiet with { Run = Done(blessed: true) }, Options).Awaits);

        loop = loop with { Since = Now.AddDays(-3) };
        Expect(LifecycleFinding.Blessed, loop, Quiet with { Run = Done(blessed: true) });
        Assert.Equal("rul-r1", LifecycleStep.Next(loop, Quiet with { Run = Done(true) with { State = TrainingRunState.Running } }, Options).Awaits);
    }

    [Fact]
    public void A_run_without_a_declared_time_is_never_waited_for() =>
        Assert.Null(LifecycleStep.Next(Training(), Quiet with { Run = Done(true) with { State = TrainingRunState.Running } }, Options).Awaits);

    [Fact]
    public void A_version_that_was_kept_out_says_why_and_when_it_is_tried_again()
    {
        var loop = LifecycleStep.Next(Training(), Moved with { Run = Done(blessed: false) }, Options);

        Assert.Equal(LifecycleState.Monitoring, loop.State);
        Assert.Contains("worse than v1", loop.Reason, StringComparison.Ordinal);
        Assert.Contains("20 more failures", loop.Reason, StringComparison.Ordinal);
        Assert.Null(loop.Owed!.RollOutBecause);
    }

    [Fact]
    public void After_it_the_same_verdict_waits_for_as_many_labels_again()
    {
        var loop = LifecycleStep.Next(Training(), Moved with { Run = Done(blessed: false) }, Options);

        Expect(LifecycleFinding.Wait, loop, Moved with { Labels = 79 });
        Expect(LifecycleFinding.FleetMoved, loop, Moved with { Labels = 80 });
    }

    [Fact]
    public void A_reverted_rollout_brings_the_loop_back_to_monitoring_with_the_reason()
    {
        var rollout = new RolloutView { Id = "rul-v2", Plan = new() { Model = "rul", Version = 2, StartedAt = Now }, State = RolloutState.Aborted, Waves = [], Reason = "wave 2 failed" };
        var loop = LifecycleStep.Next(Ordered with { State = LifecycleState.RollingOut }, Moved with { Rollout = rollout }, Options);

        Assert.Equal((LifecycleState.Monitoring, 80), (loop.State, loop.RetryAtLabels));
        Assert.Contains("wave 2 failed", loop.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fleet_that_has_moved_is_trained_for_when_its_cohort_is_complete()
    {
        var loop = Ordered with { State = LifecycleState.Monitoring };
        Expect(LifecycleFinding.FleetMoved, loop, Moved);

        loop = LifecycleStep.Next(loop, Moved, Options);
        Expect(LifecycleFinding.Wait, loop, Moved with { Drift = Moved.Drift with { LabelledSinceVerdict = 19 } });
        Expect(LifecycleFinding.CohortComplete, loop, Moved with { Drift = Moved.Drift with { LabelledSinceVerdict = 20 } });
        Expect(LifecycleFinding.CohortComplete, loop with { Order = new(1, TimeSpan.Zero, Cohort: 5) }, Moved with { Drift = Moved.Drift with { LabelledSinceVerdict = 5 } });
    }

    [Fact]
    public void A_verdict_on_a_version_that_is_champion_no_more_does_not_count() =>
        Expect(LifecycleFinding.Wait, Ordered with { State = LifecycleState.Monitoring }, Moved with { Champion = 2 });

    [Fact]
    public void A_faulty_device_is_told_of_once_and_trains_nothing()
    {
        var facts = Quiet with { Drift = Quiet.Drift with { Devices = [Drifted(DriftCause.Device) with { Devices = ["pump-07"] }] } };
        var loop = Ordered with { State = LifecycleState.Monitoring };

        var told = LifecycleStep.TellFaults(loop, facts);
        var fault = Assert.Single(told.Owed!.Events);
        Assert.Equal(("device/pump-07", EventKinds.DeviceFault), (fault.Subject, fault.Kind));
        Assert.Contains("\"channels\":[\"s11\"]", fault.Data, StringComparison.Ordinal);

        Assert.Same(told, LifecycleStep.TellFaults(told, facts));
        Expect(LifecycleFinding.Wait, told, facts);
    }

    private static void Expect(LifecycleFinding finding, LifecycleRecord loop, LifecycleFacts facts) =>
        Assert.Equal(finding, LifecycleStep.Find(loop, facts, Options).Finding);

    private static LifecycleRecord Training() => Ordered with { State = LifecycleState.Training, Since = Now, Runs = ["rul-r1"] };

    private static DriftVerdictView Drifted(DriftCause cause) => new() { Verdict = DriftVerdictKind.Drift, Cause = cause, Channels = ["s11"], Since = Now, Evidence = "score 3 over threshold 1" };

    private static TrainingRunView Done(bool blessed) => new()
    {
        Run = "rul-r1",
        Order = new("rul", Now, 1, null, 1, ""),
        State = TrainingRunState.Succeeded,
        Blessed = blessed,
        Reason = blessed ? "better than v1" : "worse than v1",
        Draft = Drafts.Of("rul-r1", Now),
    };
}

internal static class Drafts
{
    public static VersionDraft Of(string run, DateTimeOffset at) => new()
    {
        Run = run,
        Onnx = new('a', 64),
        Snapshot = new('b', 64),
        Trainer = "test",
        GoldenJson = "[]",
        GoldenTolerance = 1e-3,
        LatencyBudgetMs = 10,
        MemoryBudgetBytes = 1 << 20,
        Metrics = [],
        At = at,
        SignatureJson = "{}",
    };
}
