using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Plant.Pumps;

namespace MlOps.Edge.Simulator.Tests.Plant.Pumps;

public class PumpHydraulicsTests
{
    private static readonly Regime Rated = new(PumpHydraulics.RatedSpeed, 100);

    [Fact]
    public void Without_lift_and_leak_flow_goes_with_speed_and_head_with_its_square()
    {
        var pump = new PumpHydraulics { Lift = 0, RingLeak = 0 };
        var (full, half) = (pump.Solve(Rated, 0), pump.Solve(Rated with { Speed = Rated.Speed / 2 }, 0));

        Assert.Equal(0.5, half.Flow / full.Flow, 6);
        Assert.Equal(0.25, half.Head / full.Head, 6);
        Assert.Equal(0.125, half.HydraulicPower / full.HydraulicPower, 6);
    }

    [Theory]
    [InlineData(1330, 70, 0)]
    [InlineData(1480, 85, 0.4)]
    [InlineData(1560, 100, 1)]
    public void The_operating_point_lies_on_the_curves_of_pump_and_pipe(double speed, double opening, double erosion)
    {
        var pump = new PumpHydraulics();
        var point = pump.Solve(new Regime(speed, opening), erosion);

        var relative = speed / PumpHydraulics.RatedSpeed * (1 - (0.06 * erosion));
        Assert.Equal((pump.ShutOffHead * relative * relative) - (pump.CurveFall * point.ImpellerFlow * point.ImpellerFlow), point.Head, 4);
        Assert.Equal(pump.Lift + (pump.PipeFriction * Math.Pow(point.Flow * 100 / opening, 2)), point.Head, 4);
    }

    [Theory]
    [InlineData(1330, 70)]
    [InlineData(1480, 85)]
    [InlineData(1560, 100)]
    public void Energy_is_not_made_from_nothing(double speed, double opening)
    {
        foreach (var erosion in new[] { 0, 0.5, 1 })
        {
            var point = new PumpHydraulics().Solve(new Regime(speed, opening), erosion);
            var delivered = PumpHydraulics.Density * PumpHydraulics.Gravity * point.Flow / 3600 * point.Head;

            Assert.True(delivered < point.HydraulicPower && point.HydraulicPower < point.ShaftPower);
            Assert.InRange(delivered / point.ShaftPower, 0.5, 0.8);
        }
    }

    [Fact]
    public void A_worn_impeller_gives_about_a_tenth_less_flow_at_a_worse_efficiency()
    {
        var (fresh, worn) = (new PumpHydraulics().Solve(Rated, 0), new PumpHydraulics().Solve(Rated, 1));

        Assert.InRange(worn.Flow / fresh.Flow, 0.86, 0.93);
        Assert.True(worn.Flow * worn.Head / worn.ShaftPower < 0.9 * fresh.Flow * fresh.Head / fresh.ShaftPower);
    }
}
