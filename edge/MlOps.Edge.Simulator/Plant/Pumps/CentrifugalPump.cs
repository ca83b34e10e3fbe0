using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Physics;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Plant.Pumps;

/// <summary>
/// A slurry pump of 100 m³/h behind a variable-speed motor.
/// First fault mode: the impeller erodes; pressure, flow, current fall and the growing unbalance shakes the machine.
/// Second: a raceway of its bearing spalls; acceleration, bearing temperature and leakage rise, and the shaft, no longer held
/// in the middle, rubs at the wear ring, so that current rises while pressure stays.
/// </summary>
internal sealed class CentrifugalPump : IPlantPhysics
{
    public static PlantKind Kind { get; } = new()
    {
        Name = "centrifugal-pump",
        Regimes = [new(1330, 70), new(1480, 85), new(1560, 100)],
        Build = (mode, works) => new CentrifugalPump(mode, works),
        Sensors =
        [
            SensorSpec.Setting("speed_set", "/min"),
            SensorSpec.Setting("valve_set", "%"),
            new("speed", "/min") { Noise = 1.5, Resolution = 1 },
            new("flow", "m3/h") { RelativeNoise = 0.006, GainSpread = 0.005, Resolution = 0.1 },
            new("suction_pressure", "bar") { Noise = 0.006, GainSpread = 0.005, Resolution = 0.002 },
            new("discharge_pressure", "bar") { Noise = 0.015, GainSpread = 0.004, Resolution = 0.005 },
            new("motor_current", "A") { RelativeNoise = 0.006, GainSpread = 0.005, Resolution = 0.05 },
            new("motor_power", "kW") { RelativeNoise = 0.006, GainSpread = 0.005, Resolution = 0.01 },
            new("winding_temperature", "Cel") { Noise = 0.5, Memory = 0.5, Resolution = 0.1 },
            new("bearing_temperature", "Cel") { Noise = 0.5, Memory = 0.5, Resolution = 0.1 },
            new("ambient_temperature", "Cel") { Noise = 0.2, Resolution = 0.1 },
            new("vibration_velocity", "mm/s") { RelativeNoise = 0.04, GainSpread = 0.02, Resolution = 0.01 },
            new("bearing_acceleration", "m/s2") { RelativeNoise = 0.05, GainSpread = 0.02, Resolution = 0.01 },
            new("seal_leakage", "mL/h") { RelativeNoise = 0.06, GainSpread = 0.03, Resolution = 0.1 },
        ],
    };

    private const double Bore = 0.05;
    private const double LoadRating = 62_000;
    private const double ReferenceThrust = 2_800;
    private const double MotorEfficiency = 0.92;
    private const double LineVoltage = 400;
    private const double PowerFactor = 0.86;
    private const double Slip = 0.004;

    private readonly PumpHydraulics _hydraulics;
    private readonly ImpellerErosion _erosion;
    private readonly Spall _spall;
    private readonly ThermalBody _bearing;
    private readonly ThermalBody _winding = new(resistance: 0.045, timeConstant: 0.8);
    private readonly double _friction;
    private readonly double _unbalance;
    private readonly double _roughness;
    private readonly double _seal;

    private CentrifugalPump(FaultMode mode, SeededRandom works)
    {
        _hydraulics = new PumpHydraulics
        {
            ShutOffHead = 40 * works.Factor(0.008),
            BestEfficiency = 0.78 * works.Factor(0.006),
            PipeFriction = 2.02e-3 * works.Factor(0.01),
            RingLeak = 0.53 * works.Factor(0.05),
        };
        _bearing = new ThermalBody(resistance: 1.6 * works.Factor(0.03), timeConstant: 1.5);
        _friction = 0.0015 * works.Factor(0.03);
        _unbalance = 1.6 * works.Factor(0.08);
        _roughness = 2 * works.Factor(0.08);
        _seal = 8 * works.Factor(0.06);

        // Both are drawn whatever the mode, so that the same name is the same pump in either.
        var (coating, growth) = (works.Between(20.0, 110), 0.0173 * works.Factor(0.1));
        var (initiation, spread) = (works.Between(20.0, 110), 0.0195 * works.Factor(0.1));
        var hourly = RollingBearing.LifeUsed(ReferenceThrust, LoadRating, PumpHydraulics.RatedSpeed, hours: 1);
        var slurry = new SeededRandom((long)(works.NextDouble() * long.MaxValue), "slurry");
        _erosion = new ImpellerErosion(mode == FaultMode.First ? coating : double.PositiveInfinity, growth, slurry);
        _spall = new Spall(mode == FaultMode.Second ? initiation * hourly : double.PositiveInfinity, spread);
    }

    public double Damage => Math.Max(_erosion.Loss, _spall.Damage);

    public void Advance(in Duty duty, Span<double> truth)
    {
        var (regime, relative) = (duty.Regime, duty.Regime.Speed / PumpHydraulics.RatedSpeed);
        var point = _hydraulics.Solve(regime, _erosion.Loss);

        // The radial load on the bearing: the rotor's weight and a thrust that grows with the head.
        var thrust = 1_500 + (40 * point.Head);
        _erosion.Advance(relative, duty.Hours);
        _spall.Advance(
            RollingBearing.LifeUsed(thrust, LoadRating, regime.Speed, duty.Hours), thrust / ReferenceThrust, relative, duty.Hours);

        var friction = RollingBearing.FrictionHeat(_friction * (1 + (0.25 * _spall.Length)), thrust, Bore, regime.Speed);
        var rub = 0.012 * _spall.Length * point.HydraulicPower;
        var shaft = point.ShaftPower + friction + rub;
        var electric = shaft / MotorEfficiency;
        var suction = 0.45 - (1.2e-5 * point.Flow * point.Flow);
        var offBest = _hydraulics.OffBest(point, regime.Speed);

        truth[0] = regime.Speed;
        truth[1] = regime.Load;
        truth[2] = regime.Speed * (1 - (Slip * shaft / 15_000));
        truth[3] = point.Flow;
        truth[4] = suction;
        truth[5] = suction + (PumpHydraulics.Density * PumpHydraulics.Gravity * point.Head / 1e5);
        truth[6] = electric / (Math.Sqrt(3) * LineVoltage * PowerFactor);
        truth[7] = electric / 1_000;
        truth[8] = _winding.Advance(electric - shaft, duty.Ambient, duty.Hours);
        truth[9] = _bearing.Advance(friction, duty.Ambient, duty.Hours);
        truth[10] = duty.Ambient;
        truth[11] = Norm(_unbalance * relative * (1 + (2.2 * _erosion.Loss)), 2.5 * offBest, 0.25 * _spall.Length);
        truth[12] = relative * relative * Norm(_roughness, 2.6 * _spall.Length, 0.5 * _erosion.Loss);
        truth[13] = _seal * (1 + (0.25 * _spall.Length) + (0.1 * _erosion.Loss));
    }

    // Independent vibrations add by power.
    private static double Norm(double a, double b, double c) => Math.Sqrt((a * a) + (b * b) + (c * c));
}
