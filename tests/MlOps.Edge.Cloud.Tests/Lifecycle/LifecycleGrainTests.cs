using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Tests.Lifecycle.World;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Tests.Lifecycle;

public sealed class LifecycleGrainTests : IAsyncLifetime
{
    private LoopCluster _cluster = null!;
    private int _hour;

    private LoopWorld World => _cluster.World;

    private ILifecycleGrain Loop => _cluster.Grains.GetGrain<ILifecycleGrain>("rul");

    public async ValueTask InitializeAsync() => _cluster = await LoopCluster.StartAsync(devices: 8);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_heartbeat_takes_a_model_once_round_the_loop()
    {
        await Loop.BeginAsync(new(Seed: 1, TrainingTime: TimeSpan.FromHours(5), Cohort: 2));
        await UntilAsync(LifecycleState.Monitoring);
        Assert.Equal(1, World.Model.Aliases[Aliases.Champion]);

        World.Drift = new() { Model = "rul", Version = 1, Fleet = new() { Verdict = DriftVerdictKind.Drift, Cause = DriftCause.Fleet, Channels = ["s11"] } };
        await UntilAsync(LifecycleState.Gathering);
        World.Drift = World.Drift with { LabelledSinceVerdict = 2 };
        await UntilAsync(LifecycleState.Training);
        World.Drift = new() { Model = "rul", Version = 1 };
        await UntilAsync(LifecycleState.Monitoring);

        Assert.Equal(2, World.Model.Aliases[Aliases.Champion]);
        Assert.Equal(["rul-r1", "rul-r2"], (await Loop.GetAsync()).Runs);
        Assert.Equal("rul-v2", (await Loop.GetAsync()).Rollout);
        Assert.Equal(
            ["training", "rolling-out", "monitoring", "gathering", "training", "rolling-out", "monitoring"],
            World.Told(EventKinds.LifecycleStateChanged).Select(e => System.Text.Json.Nodes.JsonNode.Parse(e.Data)!["to"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_training_run_takes_its_declared_time_however_fast_it_was()
    {
        await Loop.BeginAsync(new(Seed: 1, TrainingTime: TimeSpan.FromHours(5)));
        await BeatAsync();
        var began = (await Loop.GetAsync()).Since;
        World.Runs["rul-r1"] = World.Runs["rul-r1"] with { State = TrainingRunState.Succeeded, Blessed = true, Draft = Drafts.Of("rul-r1", LoopWorld.Start) };

        await UntilAsync(LifecycleState.RollingOut);
        Assert.Equal(began + TimeSpan.FromHours(5), (await Loop.GetAsync()).Since);

        // Registered when it was decided, not when the run began: the model's history is told in this order.
        Assert.Equal(began + TimeSpan.FromHours(5), Assert.Single(World.Model.Versions).RegisteredAt);
    }

    [Fact]
    public async Task A_rollout_that_cannot_start_yet_waits_and_says_why()
    {
        var devices = World.Fleet.ToList();
        World.Fleet.Clear();
        await Loop.BeginAsync(new(Seed: 1, TrainingTime: TimeSpan.FromHours(1)));
        await UntilAsync(LifecycleState.RollingOut);
        await BeatAsync();
        Assert.Equal("the rollout waits: no device that takes models watches a pump yet", (await Loop.GetAsync()).Reason);

        devices.ForEach(d => World.Fleet.Add(d.Key, d.Value));
        await UntilAsync(LifecycleState.Monitoring);
        Assert.Single(World.Model.Versions);
    }

    [Fact]
    public async Task A_device_that_joins_later_gets_the_champion()
    {
        await Loop.BeginAsync(new(Seed: 1, TrainingTime: TimeSpan.FromHours(1)));
        await UntilAsync(LifecycleState.Monitoring);
        World.Fleet["pump-99"] = World.Fleet["pump-01"] with { Id = "pump-99", Desired = null, Active = null, Deployments = [] };
        await BeatAsync();

        Assert.Equal(1, World.Fleet["pump-99"].Desired?.Active?.Version);
    }

    [Fact]
    public async Task A_model_that_nobody_defined_cannot_be_taken_into_the_loop()
    {
        var refused = await Assert.ThrowsAsync<ModelConflictException>(() => _cluster.Grains.GetGrain<ILifecycleGrain>("nope").BeginAsync(new(1, TimeSpan.Zero)));
        Assert.Contains("define it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_heartbeat_moves_a_rollout_that_was_started_by_hand()
    {
        World.AddVersion();
        await _cluster.Grains.GetGrain<IRolloutGrain>("by-hand").StartAsync(new() { Model = "rul", Version = 1, StartedAt = LoopWorld.Start });
        for (var i = 0; i < 80; i++)
        {
            await BeatAsync();
        }

        Assert.Equal(RolloutState.Finished, (await _cluster.Grains.GetGrain<IRolloutGrain>("by-hand").GetAsync())!.State);
    }

    [Fact]
    public async Task A_turn_that_fails_surfaces_and_the_same_watermark_may_be_tried_again()
    {
        World.AddVersion();
        await _cluster.Grains.GetGrain<IRolloutGrain>("by-hand").StartAsync(new() { Model = "rul", Version = 1, StartedAt = LoopWorld.Start });
        World.CrashesAfterAssign = 1;
        var watermark = World.Live(++_hour);

        var failed = await Assert.ThrowsAsync<AggregateException>(() => _cluster.Heartbeat.AdvanceAsync(watermark, TestContext.Current.CancellationToken));
        Assert.Equal("the power went out", Assert.Single(failed.InnerExceptions).Message);
        await _cluster.Heartbeat.AdvanceAsync(watermark, TestContext.Current.CancellationToken);
        Assert.Equal(3, World.Assignments);
    }

    private Task BeatAsync() => _cluster.Heartbeat.AdvanceAsync(World.Live(++_hour), TestContext.Current.CancellationToken);

    private async Task UntilAsync(LifecycleState state)
    {
        for (var i = 0; i < 400; i++)
        {
            await BeatAsync();
            if ((await Loop.GetAsync()).State == state)
            {
                return;
            }
        }

        throw new TimeoutException((await Loop.GetAsync()).ToString());
    }
}
