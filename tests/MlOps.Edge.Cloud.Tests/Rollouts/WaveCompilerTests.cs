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

    [Fact]
    public void A_fleet_of_two_has_one_wave() => Assert.Equal([2], WaveCompiler.Compile(Plan(1), WaveCompiler.Plan(Plan(1), false, TimeSpan.FromHours(1), Options), Fleet[..2], Options).Select(w => w.Devices.Length));

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

    private static Wave[] Compile(RolloutPlan plan, bool champion) => WaveCompiler.Compile(plan, WaveCompiler.Plan(plan, champion, TimeSpan.FromHours(1), Options), Fleet, Options);
}
