using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Tests.Lifecycle.World;

namespace MlOps.Edge.Cloud.Tests.Rollouts;

public sealed class RolloutGrainTests : IAsyncLifetime
{
    private LoopCluster _cluster = null!;
    private int _hour;

    private LoopWorld World => _cluster.World;

    private IRolloutGrain Rollout(string id = "rul-v2") => _cluster.Grains.GetGrain<IRolloutGrain>(id);

    public async ValueTask InitializeAsync()
    {
        _cluster = await LoopCluster.StartAsync(devices: 20);
        World.AddVersion("r1");
        World.AddVersion("r2");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_first_model_reaches_every_device_and_becomes_champion()
    {
        World.Refusing.Add("pump-04");
        World.Connect("pump-11", online: false);
        await Rollout("rul-v1").StartAsync(Plan(1));
        var done = await UntilEndAsync("rul-v1");

        Assert.Equal(RolloutState.Finished, done.State);
        Assert.Equal((3, 20), (done.Waves.Length, done.Waves.Sum(w => w.Devices.Length)));
        Assert.Equal((1, 1), (done.Waves.Sum(w => w.Failed), done.Waves.Sum(w => w.Unknown)));
        Assert.Equal(new QuarantinedDevice("pump-04", "rejected: too large"), Assert.Single(done.Quarantine));
        Assert.Equal(new Dictionary<string, int> { [Aliases.Champion] = 1 }, World.Model.Aliases);
        Assert.All(done.Waves, w => Assert.Equal("prediction-health", w.Evidence[0].Gate));
        Assert.Equal(1, World.Fleet["pump-11"].Desired?.Active?.Version);
        Assert.Equal(3, World.Told(EventKinds.WaveDecided).Count);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 0)]
    [InlineData(6, 1)]
    [InlineData(7, 1)]
    public async Task In_a_small_fleet_one_device_that_can_never_take_a_model_stops_no_rollout(int devices, int wave)
    {
        Shrink(devices);
        var started = await Rollout("rul-v1").StartAsync(Plan(1));
        var small = started.Waves[wave].Devices[0];
        World.Refusing.Add(small);
        var first = await UntilEndAsync("rul-v1");

        Assert.Equal(RolloutState.Finished, first.State);
        Assert.Equal(new QuarantinedDevice(small, "rejected: too large"), Assert.Single(first.Quarantine));
        Assert.Equal(devices - 1, World.Fleet.Values.Count(d => d.Active?.Version == 1));

        await Rollout().StartAsync(Plan(2));
        var next = await UntilEndAsync();
        Assert.Equal(RolloutState.Finished, next.State);
        Assert.Equal(small, Assert.Single(next.Quarantine).Device);
        Assert.Equal(devices - 1, World.Fleet.Values.Count(d => d.Active?.Version == 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_model_that_most_of_a_small_wave_cannot_prove_is_taken_back_from_all(int wave)
    {
        Shrink(6);
        var started = await Rollout("rul-v1").StartAsync(Plan(1));
        World.Failing.UnionWith(started.Waves[wave].Devices[..2]);
        var done = await UntilEndAsync("rul-v1");

        Assert.Equal((RolloutState.Aborted, WaveState.Failed), (done.State, done.Waves[wave].State));
        Assert.Contains("2 of 3 devices failed and at most 1 may", done.Reason, StringComparison.Ordinal);
        Assert.All(World.Fleet.Values, d => Assert.Null(d.Active));
    }

    [Fact]
    public async Task A_new_version_goes_shadow_canary_rest_and_the_old_one_stays_as_shadow()
    {
        await ChampionAsync();
        await Rollout().StartAsync(Plan(2));
        Assert.Equal(2, World.Model.Aliases[Aliases.Challenger]);

        await TickAsync();
        Assert.Equal(3, World.Fleet.Values.Count(d => d is { Active.Version: 1, Shadow.Version: 2 }));

        var done = await UntilEndAsync();
        Assert.Equal(RolloutState.Finished, done.State);
        Assert.All(World.Fleet.Values, d => Assert.Equal((2, 1), (d.Active?.Version, d.Shadow?.Version)));
        Assert.Equal(new Dictionary<string, int> { [Aliases.Champion] = 2 }, World.Model.Aliases);
        Assert.Contains("windows v2 and v1 differ", done.Waves[1].Evidence[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_far_from_the_champion_is_taken_back_unless_the_fleet_has_moved_away_from_the_champion()
    {
        await ChampionAsync();
        World.Predict = (version, life) => version == 1 ? 125 : (life + 6000) % 60;
        await Rollout().StartAsync(Plan(2));
        var far = await UntilEndAsync();
        Assert.Equal(RolloutState.Aborted, far.State);
        Assert.Contains("against-champion", far.Reason, StringComparison.Ordinal);

        World.Drift = new() { Model = "rul", Version = 1, Fleet = new() { Verdict = DriftVerdictKind.Drift, Cause = DriftCause.Fleet } };
        await Rollout("again").StartAsync(Plan(2));
        Assert.Equal(RolloutState.Finished, (await UntilEndAsync("again")).State);
    }

    [Fact]
    public async Task The_champion_may_go_round_again_and_is_not_said_to_be_missing()
    {
        await ChampionAsync();
        await Rollout("again").StartAsync(Plan(1));
        var done = await UntilEndAsync("again");

        Assert.Equal((RolloutState.Finished, null), (done.State, done.PreviousVersion));
        Assert.Contains(done.Waves.SelectMany(w => w.Evidence), e => e.Detail.StartsWith("v1 is the champion itself", StringComparison.Ordinal));
        Assert.DoesNotContain(done.Waves.SelectMany(w => w.Evidence), e => e.Detail.Contains("there is no champion", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_that_only_measures_is_in_no_wave()
    {
        World.Fleet["importer"] = World.Fleet["pump-01"] with { Id = "importer", TelemetryOnly = true };
        await Rollout("rul-v1").StartAsync(Plan(1));
        var done = await UntilEndAsync("rul-v1");

        Assert.DoesNotContain("importer", done.Waves.SelectMany(w => w.Devices));
        Assert.Null(World.Fleet["importer"].Desired);
    }

    [Fact]
    public async Task A_step_whose_save_failed_was_not_taken()
    {
        await Rollout("rul-v1").StartAsync(Plan(1));
        World.FailingWrites = 1;
        await Assert.ThrowsAnyAsync<Exception>(() => Rollout("rul-v1").AbortAsync("ada", "wrong day"));

        Assert.Equal(RolloutState.Running, (await Rollout("rul-v1").GetAsync())!.State);
        Assert.Equal(RolloutState.Finished, (await UntilEndAsync("rul-v1")).State);
    }

    [Fact]
    public async Task A_version_that_jumps_is_taken_back_from_every_device_it_touched()
    {
        await ChampionAsync();
        var before = World.Fleet.ToDictionary(d => d.Key, d => d.Value.Desired);
        World.Predict = (version, life) => Math.Clamp(life + (version == 2 && (int)life % 2 == 0 ? 40 : 0), 0, 125);
        _hour = 100;
        await Rollout().StartAsync(Plan(2));
        var done = await UntilEndAsync();

        Assert.Equal((RolloutState.Aborted, WaveState.Failed), (done.State, done.Waves[0].State));
        Assert.Contains("roughness", done.Reason, StringComparison.Ordinal);
        Assert.Equal(before, World.Fleet.ToDictionary(d => d.Key, d => d.Value.Desired));
        Assert.Equal(new Dictionary<string, int> { [Aliases.Champion] = 1 }, World.Model.Aliases);
    }

    [Fact]
    public async Task A_crash_between_the_save_and_the_work_is_repaired_on_the_next_tick()
    {
        await Rollout("rul-v1").StartAsync(Plan(1));
        World.CrashesAfterAssign = 2;
        await Assert.ThrowsAsync<InvalidOperationException>(() => TickAsync("rul-v1"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => TickAsync("rul-v1"));

        Assert.Equal(RolloutState.Finished, (await UntilEndAsync("rul-v1")).State);
        Assert.Equal(20, World.Assignments);
        Assert.Equal(3, World.Told(EventKinds.WaveStarted).Count);
    }

    [Fact]
    public async Task A_late_device_is_counted_where_it_belongs()
    {
        foreach (var device in World.Fleet.Keys.ToList())
        {
            World.Connect(device, online: device != "pump-11");
        }

        await Rollout("rul-v1").StartAsync(Plan(1));
        var view = await TickAsync("rul-v1");
        while (view.Waves.Any(w => w.State == WaveState.Scheduled) || view.Waves.Single(w => w.Devices.Contains("pump-11")).Unknown == 0)
        {
            view = await TickAsync("rul-v1");
        }

        World.Connect("pump-11", online: true);
        view = await TickAsync("rul-v1");
        Assert.Equal(0, view.Waves.Single(w => w.Devices.Contains("pump-11")).Unknown);
    }

    [Fact]
    public async Task One_rollout_at_a_time_holds_a_model()
    {
        await Rollout("rul-v1").StartAsync(Plan(1));

        var refused = await Assert.ThrowsAsync<InvalidRolloutException>(() => Rollout().StartAsync(Plan(2)));
        Assert.Contains("rul-v1", refused.Message, StringComparison.Ordinal);

        await Rollout("rul-v1").AbortAsync("ada", "wrong day");
        Assert.Equal(RolloutState.Running, (await Rollout().StartAsync(Plan(2))).State);
    }

    [Fact]
    public async Task A_paused_rollout_decides_nothing_until_it_is_resumed()
    {
        await Rollout("rul-v1").StartAsync(Plan(1));
        await TickAsync("rul-v1");
        var paused = await Rollout("rul-v1").PauseAsync("ada", "lunch");
        Assert.Equal("paused by ada: lunch", paused.Reason);

        for (var i = 0; i < 60; i++)
        {
            await TickAsync("rul-v1");
        }

        Assert.Equal(3, World.Assignments);
        await Assert.ThrowsAsync<InvalidRolloutException>(() => Rollout("rul-v1").PauseAsync("ada", "again"));
        await Rollout("rul-v1").ResumeAsync("ada", "back");
        Assert.Equal(RolloutState.Finished, (await UntilEndAsync("rul-v1")).State);
    }

    [Theory]
    [InlineData("nope", 1, "no model nope")]
    [InlineData("rul", 7, "no version 7; it has 1, 2")]
    public async Task What_cannot_be_rolled_out_is_refused_with_the_way_out(string model, int version, string says)
    {
        var refused = await Assert.ThrowsAsync<InvalidRolloutException>(() => Rollout("x").StartAsync(Plan(version) with { Model = model }));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Null(await Rollout("x").GetAsync());
    }

    private static RolloutPlan Plan(int version) => new() { Model = "rul", Version = version, StartedAt = LoopWorld.Start };

    private void Shrink(int devices)
    {
        foreach (var device in World.Fleet.Keys.Skip(devices).ToList())
        {
            World.Fleet.Remove(device);
        }
    }

    private async Task ChampionAsync()
    {
        await Rollout("rul-v1").StartAsync(Plan(1));
        Assert.Equal(RolloutState.Finished, (await UntilEndAsync("rul-v1")).State);
    }

    private Task<RolloutView> TickAsync(string id = "rul-v2") => Rollout(id).TickAsync(World.Live(++_hour));

    private async Task<RolloutView> UntilEndAsync(string id = "rul-v2")
    {
        for (var i = 0; i < 400; i++)
        {
            if (await TickAsync(id) is { State: RolloutState.Finished or RolloutState.Aborted } done)
            {
                return done;
            }
        }

        throw new TimeoutException((await Rollout(id).GetAsync())!.Reason);
    }
}
