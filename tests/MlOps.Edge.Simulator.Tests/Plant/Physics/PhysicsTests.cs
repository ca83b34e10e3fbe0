using MlOps.Edge.Simulator.Plant.Physics;

namespace MlOps.Edge.Simulator.Tests.Plant.Physics;

public class PhysicsTests
{
    [Fact]
    public void A_heated_body_makes_63_percent_of_the_way_in_one_time_constant_and_settles_at_power_times_resistance()
    {
        var body = new ThermalBody(resistance: 2, timeConstant: 1.5);
        Assert.Equal(20, body.Advance(power: 0, surroundings: 20, hours: 1), 9);

        Assert.Equal(20 + (60 * (1 - Math.Exp(-1))), body.Advance(30, 20, hours: 1.5), 9);
        Assert.Equal(80, body.Advance(30, 20, hours: 100), 6);
    }

    [Fact]
    public void Short_steps_and_long_ones_heat_alike()
    {
        var (one, many) = (new ThermalBody(2, 1.5), new ThermalBody(2, 1.5));
        one.Advance(0, 20, 1);
        many.Advance(0, 20, 1);

        var once = one.Advance(30, 20, 2);
        double often = 0;
        for (var step = 0; step < 20; step++)
        {
            often = many.Advance(30, 20, 0.1);
        }

        Assert.Equal(once, often, 9);
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(5_000, 0.125)]
    [InlineData(20_000, 8)]
    public void A_million_turns_use_up_the_rating_life_by_the_third_power_of_the_load(double load, double share) =>
        Assert.Equal(share, RollingBearing.LifeUsed(load, rating: 10_000, speed: 1_000, hours: 1e6 / 60_000), 9);

    [Fact]
    public void Friction_heat_is_torque_times_angular_speed() =>
        Assert.Equal(0.5 * 0.0015 * 3_000 * 0.05 * (2 * Math.PI * 25), RollingBearing.FrictionHeat(0.0015, 3_000, 0.05, 1_500), 9);

    [Fact]
    public void There_is_no_spall_until_its_time_has_come()
    {
        var spall = new Spall(initiation: 0.5, growth: 0.02);
        for (var hour = 0; hour < 49; hour++)
        {
            spall.Advance(lifeUsed: 0.01, 1, 1, 1);
            Assert.Equal(0, spall.Length);
        }

        spall.Advance(0.02, 1, 1, 1);
        Assert.Equal(Spall.LengthAtBirth, spall.Length);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(4)]
    public void A_spall_grows_to_failure_in_the_time_that_Paris_law_gives_whatever_the_step(double hours)
    {
        const double growth = 0.02;
        var expected = 2 / growth * ((1 / Math.Sqrt(Spall.LengthAtBirth)) - (1 / Math.Sqrt(Spall.LengthAtFailure)));

        Assert.InRange(HoursToFailure(growth, load: 1, hours), expected, expected + hours + 1e-6);
    }

    [Fact]
    public void A_tenth_more_load_shortens_the_growth_by_a_third() =>
        Assert.Equal(1.331, HoursToFailure(0.02, 1, 0.01) / HoursToFailure(0.02, 1.1, 0.01), 2);

    private static double HoursToFailure(double growth, double load, double step)
    {
        var spall = new Spall(initiation: 0, growth);
        spall.Advance(0, load, 1, step);
        var hours = 0.0;
        while (spall.Damage < 1)
        {
            spall.Advance(0, load, 1, step);
            hours += step;
        }

        return hours;
    }
}
