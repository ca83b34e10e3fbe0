using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Simulator.Tests.Recorded;

namespace MlOps.Edge.Simulator.Tests.Scenario;

/// <summary>What holds for every story, over many seeds, with simulated machines and with recorded ones.</summary>
public class FleetPlanTests
{
    private const int Seeds = 20;
    private static readonly string[] Data = ["cmapss", "pump", "bearing"];
    private static readonly string[] Changes = ["none", "new-fault", "one-device", "bad-retrain"];

    // Machines and plans do not change and are dear to draw: each once for all tests of this class, which run one by one.
    private static readonly Dictionary<(string, long), IMachineSource> KnownSources = [];
    private static readonly Dictionary<(string, string, long), FleetPlan> KnownPlans = [];

    public static MatrixTheoryData<string, string> Stories => new(Data, Changes);

    public static TheoryData<string> Sources => [.. Data];

    [Theory, MemberData(nameof(Stories))]
    public void No_unit_stands_in_two_places_or_in_the_history(string data, string change)
    {
        foreach (var (plan, source) in Plans(data, change))
        {
            string[] used = [.. Stints(plan).Select(stint => stint.Unit)];

            Assert.Equal(used.Length, used.Distinct().Count());
            Assert.Empty(used.Intersect(source.Pools.History));
        }
    }

    [Theory, MemberData(nameof(Stories))]
    public void An_installation_follows_the_last_one_in_the_next_tick_and_begins_new(string data, string change)
    {
        foreach (var (plan, source) in Plans(data, change))
        {
            foreach (var stints in plan.Devices.Select(place => plan.StintsOf(place.Index)))
            {
                Assert.Equal(0, stints[0].FirstTick);
                Assert.Equal(Enumerable.Range(1, stints.Count), stints.Select(stint => stint.Installation));
                Assert.All(stints.Zip(stints.Skip(1)), pair => Assert.Equal((pair.First.LastTick + 1, 0), (pair.Second.FirstTick, pair.Second.FirstAge)));
                Assert.All(stints, stint => Assert.InRange(stint.LastAge, stint.FirstAge, source.LifeOf(stint.Unit) - 1));
                Assert.All(stints, stint => Assert.Equal(stint.End == StintEnd.Failed, stint.LastAge == source.LifeOf(stint.Unit) - 1 && stint.Notes is [.., { Kind: MaintenanceKind.Failure }]));
            }
        }
    }

    [Theory, MemberData(nameof(Stories))]
    public void The_change_comes_in_its_time_and_no_place_is_empty_before_it(string data, string change)
    {
        foreach (var (plan, _) in Plans(data, change))
        {
            if (change == "none")
            {
                Assert.Null(plan.ChangeTick);
                continue;
            }

            Assert.InRange(plan.ChangeTick!.Value, 160, 200);
            Assert.All(Enumerable.Range(0, plan.ChangeTick.Value + 1), tick => Assert.All(plan.At(tick), at => Assert.NotNull(at.Stint)));
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void Machines_with_the_new_fault_come_after_the_change_and_from_then_on_no_others(string data)
    {
        foreach (var (plan, source) in Plans(data, "new-fault"))
        {
            var second = source.Pools.Second.ToHashSet();
            Assert.All(Stints(plan), stint => Assert.Equal(stint.FirstTick >= plan.ChangeTick, second.Contains(stint.Unit)));
            Assert.True(Stints(plan).Count(stint => second.Contains(stint.Unit) && stint.End == StintEnd.Failed) >= 60);
            Assert.Equal(plan.Options.Ticks - 1, plan.LastTick);
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void Ages_are_staggered_when_the_story_begins(string data)
    {
        foreach (var (plan, source) in Plans(data, "none"))
        {
            double[] shares = [.. plan.At(0).Select(at => at.Age / (double)source.LifeOf(at.Stint!.Unit))];

            Assert.All(shares, share => Assert.InRange(share, 0, 0.75));
            Assert.True(shares.Max() - shares.Min() > 0.35, $"seed {plan.Options.Seed}");
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void Without_a_change_every_machine_of_the_first_pool_is_used_or_every_tick_filled(string data)
    {
        foreach (var (plan, source) in Plans(data, "none"))
        {
            var used = Stints(plan).Select(stint => stint.Unit).ToHashSet();
            Assert.DoesNotContain(source.Pools.Second, used.Contains);
            Assert.True(source.Pools.First.All(used.Contains) || plan.At(plan.Options.Ticks - 1).All(at => at.Stint is not null));
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void Most_machines_fail_some_are_replaced_in_time_and_some_are_looked_at(string data)
    {
        var stints = Plans(data, "new-fault").SelectMany(story => Stints(story.Plan)).Where(stint => stint.End != StintEnd.Running).ToList();
        var onSchedule = stints.Count(stint => stint.End == StintEnd.ReplacedOnSchedule) / (double)stints.Count;

        Assert.InRange(onSchedule, 0.03, 0.09);
        Assert.All(stints, stint => Assert.Equal(stint.LastTick, stint.Notes[^1].Tick));
        Assert.Contains(stints, stint => stint.Notes.Any(note => note.Kind == MaintenanceKind.Inspected));
        Assert.All(stints.SelectMany(stint => stint.Notes.Select(note => (stint, note))), pair => Assert.Equal(pair.stint.AgeAt(pair.note.Tick), pair.note.Age));
    }

    [Theory, MemberData(nameof(Sources))]
    public void Bad_bookings_call_sound_machines_failed_and_only_after_the_change(string data)
    {
        foreach (var (plan, source) in Plans(data, "bad-retrain"))
        {
            Stint[] wrong = [.. Stints(plan).Where(stint => stint.End == StintEnd.TakenOutWrongly)];

            Assert.True(wrong.Length >= 40, $"seed {plan.Options.Seed}: {wrong.Length}");
            Assert.All(wrong, stint => Assert.True(stint.LastTick >= plan.ChangeTick));
            Assert.All(wrong, stint => Assert.Equal("failure", stint.Notes[^1].Code));
            Assert.All(wrong.Where(stint => stint.FirstTick > plan.ChangeTick + 30), stint => Assert.InRange(stint.LastAge / (double)source.LifeOf(stint.Unit), 0.29, 0.71));
        }
    }

    [Theory, MemberData(nameof(Stories))]
    public void A_line_is_down_when_the_first_model_is_rolled_out_and_again_later_and_never_all(string data, string change)
    {
        foreach (var (plan, _) in Plans(data, change))
        {
            Assert.InRange(plan.Outages[0].FirstTick, 2, 8);
            Assert.True(plan.Outages.Count >= 5);
            Assert.All(plan.Outages.SkipLast(1), outage => Assert.InRange(outage.LastTick - outage.FirstTick + 1, 30, 60));
            Assert.Equal(2, plan.Outages.Select(outage => outage.Device).Distinct().Count());
            Assert.All(plan.Outages, outage => Assert.Equal([outage.Device], plan.At(outage.LastTick).Where(at => !at.Online).Select(at => at.Place.Index)));
        }
    }

    [Theory, MemberData(nameof(Stories))]
    public void One_device_has_little_memory_and_a_line_that_holds(string data, string change)
    {
        foreach (var (plan, _) in Plans(data, change))
        {
            var small = Assert.Single(plan.Devices, place => place.ModelBudgetBytes is not null);
            Assert.DoesNotContain(plan.Outages, outage => outage.Device == small.Index);
            Assert.NotEqual(small.Index, plan.Fault?.Device);
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void The_same_seed_draws_the_same_plan_and_another_another(string data)
    {
        string Told(long seed) => string.Join('\n', Stints(Plan(data, "new-fault", seed).Plan).Select(stint => $"{stint.Place.Device} {stint.Unit} {stint.FirstTick}-{stint.LastTick} {stint.FirstAge} {stint.End}"));

        Assert.Equal(Told(3), Told(3));
        Assert.NotEqual(Told(3), Told(4));
    }

    [Fact]
    public void Nothing_that_a_device_says_tells_the_pools_apart()
    {
        var (plan, source) = Plan("pump", "new-fault", 1);
        var pools = source.Pools;
        string[] units = [.. pools.History, .. pools.First, .. pools.Second];

        Assert.All(plan.Devices, place => Assert.DoesNotContain(units, unit => place.Device.Contains(unit, StringComparison.Ordinal) || place.Asset.Contains(unit, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(41, "new-fault", "41 devices need as many machines to watch and there are 40")]
    [InlineData(2, "one-device", "3 devices or more")]
    public void A_story_that_cannot_be_told_is_refused_in_one_line(int devices, string change, string says)
    {
        var source = new PlantSource(PlantKind.Parse("pump"), 1, new PlantPoolSizes { First = 40, Second = 40 });
        var options = new FleetOptions { Devices = devices, Change = FleetOptions.ParseChange(change) };

        var error = Assert.Throws<ScenarioException>(() => FleetPlan.Draw(options, source));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_unknown_change_is_refused_with_the_choices() =>
        Assert.Contains("new-fault", Assert.Throws<ArgumentException>(() => FleetOptions.ParseChange("doom")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(150)]
    public void A_fleet_of_any_size_has_a_plan(int devices)
    {
        var source = new PlantSource(PlantKind.Parse("bearing"), 1, PlantPoolSizes.For(devices, 300));
        var plan = FleetPlan.Draw(new FleetOptions { Devices = devices, Ticks = 300 }, source);

        Assert.Equal(devices, plan.Devices.Select(place => place.Device).Distinct().Count());
        Assert.All(plan.At(299), at => Assert.NotNull(at.Stint));
    }

    internal static (FleetPlan Plan, IMachineSource Source) Plan(string data, string change, long seed)
    {
        var source = Source(data, seed);
        return (FleetPlan.Draw(Options(change, seed), source), source);
    }

    private static IMachineSource Source(string data, long seed) => data == "cmapss"
        ? Cmapss.Open(seed)
        : new PlantSource(PlantKind.Parse(data), seed, PlantPoolSizes.For(new FleetOptions().Devices, new FleetOptions().Ticks));

    private static FleetOptions Options(string change, long seed) => new() { Seed = seed, Change = FleetOptions.ParseChange(change) };

    private static IEnumerable<(FleetPlan Plan, IMachineSource Source)> Plans(string data, string change)
    {
        for (var seed = 1L; seed <= Seeds; seed++)
        {
            if (!KnownSources.TryGetValue((data, seed), out var source))
            {
                KnownSources[(data, seed)] = source = Source(data, seed);
            }

            if (!KnownPlans.TryGetValue((data, change, seed), out var plan))
            {
                KnownPlans[(data, change, seed)] = plan = FleetPlan.Draw(Options(change, seed), source);
            }

            yield return (plan, source);
        }
    }

    private static IEnumerable<Stint> Stints(FleetPlan plan) => plan.Devices.SelectMany(place => plan.StintsOf(place.Index));
}
