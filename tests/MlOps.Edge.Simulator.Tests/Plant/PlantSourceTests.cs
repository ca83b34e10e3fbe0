using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Tests.Plant;

public class PlantSourceTests
{
    public static TheoryData<string> Kinds => Lives.Kinds;

    [Theory, MemberData(nameof(Kinds))]
    public void The_same_seed_lives_the_same_life_and_another_seed_another(string kind)
    {
        var life = Lives.Read(Lives.Source(kind), "f001");

        Assert.Equal(life, Lives.Read(Lives.Source(kind), "f001"));
        Assert.NotEqual(life, Lives.Read(Lives.Source(kind, seed: 2), "f001"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_machine_made_at_an_age_goes_on_as_if_it_had_lived_there(string kind)
    {
        var source = Lives.Source(kind);
        var life = Lives.Read(source, "s003");

        foreach (var age in new[] { 0, 1, 57, life.Length - 1, life.Length })
        {
            Assert.Equal(life[age..], Lives.Read(((IMachineSource)source).CreateAt("s003", age)));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Machines_do_not_disturb_each_other(string kind)
    {
        var source = Lives.Source(kind);
        var alone = Lives.Read(Lives.Source(kind), "f002");

        var (one, other) = (source.Create("f001"), source.Create("f002"));
        var frame = new float[source.Kind.Channels.Count];
        List<float[]> together = [];
        while (other.TryNext(frame))
        {
            together.Add([.. frame]);
            one.TryNext(frame);
        }

        Assert.Equal(alone, together);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_life_is_as_long_as_the_source_says_and_then_there_is_nothing_more(string kind)
    {
        var source = Lives.Source(kind);
        var machine = source.Create("f004");
        var frames = Lives.Read(machine).Length;

        Assert.Equal(source.LifeOf("f004"), frames);
        Assert.Equal(frames, machine.Age);
        Assert.False(machine.TryNext(new float[source.Kind.Channels.Count]));
        Assert.Equal(frames, machine.Age);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Lives_differ_from_unit_to_unit_and_suit_the_story(string kind)
    {
        var source = Lives.Source(kind);
        foreach (var pool in new[] { source.Pools.History, source.Pools.Second })
        {
            int[] lives = [.. pool.Select(source.LifeOf)];

            Assert.InRange(lives.Min(), 110, 190);
            Assert.InRange(lives.Average(), 180, 260);
            Assert.InRange(lives.Max(), 240, 380);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Damage_never_heals_comes_late_and_ends_the_life_at_1(string kind)
    {
        var source = Lives.Source(kind);
        foreach (var unit in source.Pools.First.Concat(source.Pools.Second))
        {
            var machine = source.Create(unit);
            var frame = new float[source.Kind.Channels.Count];
            List<double> damage = [];
            while (machine.TryNext(frame))
            {
                damage.Add(machine.Damage);
            }

            Assert.Equal(damage.Order(), damage);
            Assert.All(damage.Take(12), value => Assert.Equal(0, value));
            Assert.True(damage[^2] < 1 && damage[^1] >= 1);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_pools_share_no_unit_and_the_fault_modes_begin_alike(string kind)
    {
        var source = Lives.Source(kind, health: SensorHealth.Perfect);
        var pools = source.Pools;
        Assert.Equal(140, pools.History.Concat(pools.First).Concat(pools.Second).Distinct().Count());

        // Young machines of both modes: the means of 40 units lie within a few standard errors of each other.
        for (var channel = 0; channel < source.Kind.Channels.Count; channel++)
        {
            double[] first = [.. pools.First.Select(unit => Lives.Read(source, unit).Take(15).Average(frame => (double)frame[channel]))];
            double[] second = [.. pools.Second.Select(unit => Lives.Read(source, unit).Take(15).Average(frame => (double)frame[channel]))];
            var spread = Math.Sqrt((Variance(first) + Variance(second)) / 40);
            Assert.True(Math.Abs(first.Average() - second.Average()) < 4 * spread, source.Kind.Channels[channel].Name);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Readings_are_in_the_steps_of_their_converters_and_some_are_missing(string kind)
    {
        var source = Lives.Source(kind);
        var sensors = PlantKind.Parse(kind).Sensors;
        float[][] frames = [.. source.Pools.First.SelectMany(unit => Lives.Read(source, unit))];

        var missing = frames.Sum(frame => frame.Count(float.IsNaN)) / (double)frames.Length / sensors.Count(s => s.Role == ChannelRole.Sensor);
        Assert.InRange(missing, 0.001, 0.003);
        for (var channel = 0; channel < sensors.Count; channel++)
        {
            foreach (var value in frames.Select(frame => frame[channel]).Where(value => sensors[channel].Role == ChannelRole.Sensor && !float.IsNaN(value)))
            {
                var steps = value / sensors[channel].Resolution;
                Assert.InRange(Math.Abs(steps - Math.Round(steps)), 0, 1e-3 + (Math.Abs(steps) * 1e-6));
            }
        }
    }

    [Fact]
    public void An_unknown_machine_is_refused_with_the_choices() =>
        Assert.Contains("choose one of bearing, pump", Assert.Throws<ArgumentException>(() => PlantKind.Parse("toaster")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_unit_is_refused_by_name() =>
        Assert.Contains("x001", Assert.Throws<ArgumentException>(() => Lives.Source("pump").Create("x001")).Message, StringComparison.Ordinal);

    private static double Variance(double[] values)
    {
        var mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
