using MlOps.Edge.Cloud.Rollouts;

namespace MlOps.Edge.Cloud.Tests.Rollouts;

public class WaveCompilerTests
{
    private static readonly RolloutOptions Options = new();
    private static readonly string[] Fleet = [.. Enumerable.Range(1, 20).Select(i => $"pump-{i:00}")];

    [Fact]
    public void A_first_model_goes_out_in_three_active_waves_that_share_the_fleet()
    {
        var waves = Compile(Plan(1), champion: false);

        Assert.Equal([3, 5, 12], waves.Select(w => w.Devices.Length));
        Assert.All(waves, w => Assert.Equal(WaveMode.Active, w.Mode));
        Assert.Equal(Fleet, waves.SelectMany(w => w.Devices).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_new_version_is_shadow_then_canary_on_the_same_devices_then_the_rest()
    {
        var waves = Compile(Plan(2), champion: true);

        Assert.Equal([WaveMode.Shadow, WaveMode.Active, WaveMode.Active, WaveMode.Active], waves.Select(w => w.Mode));
        Assert.Equal([3, 3, 7, 10], waves.Select(w => w.Devices.Length));
        Assert.Equal(waves[0].Devices, waves[1].Devices);
        Assert.Equal(Fleet, waves.Skip(1).SelectMany(w => w.Devices).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_draw_depends_on_version_and_device_and_on_nothing_else()
    {
        Assert.Equal(Compile(Plan(1), false)[0].Devices, WaveCompiler.Compile(Plan(1), WaveCompiler.Plan(Plan(1), false, TimeSpan.FromHours(1), Options), Fleet.Reverse(), Options)[0].Devices);
        Assert.NotEqual(Fleet[..3], Compile(Plan(1), false)[0].Devices);
        Assert.NotEqual(Compile(Plan(1), false)[0].Devices, Compile(Plan(3), false)[0].Devices);
    }

    // devices · sizes of a first model's waves · sizes of a new version's: shadow, canary, rest
    [Theory]
    [InlineData(1, "1", "1 1")]
    [InlineData(2, "2", "2 2")]
    [InlineData(5, "5", "3 5")]
    [InlineData(6, "3 3", "3 3 3")]
    [InlineData(7, "3 4", "3 3 4")]
    [InlineData(8, "3 5", "3 3 5")]
    [InlineData(10, "3 3 4", "3 3 3 4")]
    public void In_a_small_fleet_too_no_wave_is_smaller_than_the_smallest(int devices, string first, string next)
    {
        Assert.Equal(first, Sizes(Compile(Plan(1), champion: false, devices)));
        Assert.Equal(next, Sizes(Compile(Plan(2), champion: true, devices)));
    }

    [Fact]
    public void Every_fleet_is_reached_whole_and_no_wave_of_it_can_be_decided_by_one_device()
    {
        foreach (var devices in Enumerable.Range(3, 60))
        {
            var waves = Compile(Plan(2), champion: true, devices);

            Assert.All(waves, w => Assert.InRange(w.Devices.Length, Options.SmallestWave, devices));
            Assert.Equal(Enumerable.Range(1, waves.Length), waves.Select(w => w.Number));
            Assert.Equal(devices, waves.Where(w => w.Mode == WaveMode.Active).SelectMany(w => w.Devices).Distinct().Count());
        }
    }

    [Fact]
    public void Devices_that_join_the_wave_before_are_watched_as_long_as_their_own_asked_for()
    {
        WavePlan[] asked = [new(WaveMode.Active, 0.5, TimeSpan.FromHours(1), TimeSpan.FromHours(9)), new(WaveMode.Active, 1, TimeSpan.FromHours(2), TimeSpan.FromHours(4))];
        var wave = Assert.Single(WaveCompiler.Compile(Plan(1), asked, Fleet[..5], Options));

        Assert.Equal((5, TimeSpan.FromHours(2), TimeSpan.FromHours(9)), (wave.Devices.Length, wave.Soak, wave.Deadline));
    }

    [Fact]
    public void Who_wants_a_canary_of_one_says_so() =>
        Assert.Equal("1 1 3", Sizes(WaveCompiler.Compile(Plan(1), WaveCompiler.Plan(Plan(1), false, TimeSpan.FromHours(1), Options), Fleet[..5], new() { SmallestWave = 1 })));

    [Theory]
    [InlineData("Active:0", "above 0")]
    [InlineData("Active:0.5 Active:0.4", "cumulative")]
    [InlineData("Shadow:1", "active")]
    public void A_plan_that_contradicts_itself_is_refused_with_the_reason(string plan, string says)
    {
        WavePlan[] waves = [.. plan.Split(' ').Select(w => w.Split(':')).Select(w => new WavePlan(Enum.Parse<WaveMode>(w[0]), double.Parse(w[1], System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromHours(1), TimeSpan.FromHours(1)))];

        Assert.Contains(says, Assert.Throws<InvalidRolloutException>(() => WaveCompiler.Compile(Plan(1), waves, Fleet, Options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00:00:00.2", "00:01:00")]
    [InlineData("01:00:00", "1.06:00:00")]
    public void A_wave_has_its_intervals_of_time_and_never_less_than_a_model_takes_to_arrive(string interval, string deadline) =>
        Assert.All(WaveCompiler.Plan(Plan(1), false, TimeSpan.Parse(interval, System.Globalization.CultureInfo.InvariantCulture), Options),
            wave => Assert.Equal(TimeSpan.Parse(deadline, System.Globalization.CultureInfo.InvariantCulture), wave.Deadline));

    private static RolloutPlan Plan(int version) => new() { Model = "rul", Version = version, StartedAt = DateTimeOffset.UnixEpoch };

    private static Wave[] Compile(RolloutPlan plan, bool champion, int devices = 20) => WaveCompiler.Compile(
        plan, WaveCompiler.Plan(plan, champion, TimeSpan.FromHours(1), Options), Enumerable.Range(1, devices).Select(i => $"pump-{i:00}"), Options);

    private static string Sizes(IEnumerable<Wave> waves) => string.Join(' ', waves.Select(w => w.Devices.Length));
}
