using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Physics;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Plant.Bearings;

/// <summary>
/// The drive-end bearing (6309) of a 15 kW belt drive, overloaded on purpose as on an accelerated test bed (Nectoux et al.,
/// "PRONOSTIA", IEEE PHM 2012), so that it lasts days and not years.
/// First fault mode: the outer race spalls; envelope, acceleration and kurtosis rise, temperature follows late.
/// Second: the grease runs out; temperature, ultrasound and power rise, the rushing of many dry contacts drowns single
/// knocks, so that kurtosis falls, and the envelope of the outer race stays quiet.
/// </summary>
internal sealed class MotorBearing : IPlantPhysics
{
    public static PlantKind Kind { get; } = new()
    {
        Name = "motor-bearing",
        Regimes = [new(1250, 70), new(1450, 85), new(1600, 100)],
        Build = (mode, works) => new MotorBearing(mode, works),
        Sensors =
        [
            SensorSpec.Setting("speed_set", "/min"),
            SensorSpec.Setting("load_set", "%"),
            new("speed", "/min") { Noise = 1.5, Resolution = 1 },
            new("motor_current", "A") { RelativeNoise = 0.005, GainSpread = 0.005, Resolution = 0.05 },
            new("motor_power", "kW") { RelativeNoise = 0.005, GainSpread = 0.005, Resolution = 0.01 },
            new("winding_temperature", "Cel") { Noise = 0.5, Memory = 0.5, Resolution = 0.1 },
            new("bearing_temperature", "Cel") { Noise = 0.6, Memory = 0.5, Resolution = 0.1 },
            new("ambient_temperature", "Cel") { Noise = 0.2, Resolution = 0.1 },
            new("vibration_velocity", "mm/s") { RelativeNoise = 0.05, GainSpread = 0.02, Resolution = 0.01 },
            new("acceleration_rms", "m/s2") { RelativeNoise = 0.05, GainSpread = 0.02, Resolution = 0.01 },
            new("acceleration_kurtosis", "1") { RelativeNoise = 0.05, Resolution = 0.01 },
            new("envelope_outer_race", "m/s2") { RelativeNoise = 0.06, GainSpread = 0.02, Resolution = 0.01 },
            new("ultrasound", "dB") { Noise = 0.7, Resolution = 0.1 },
        ],
    };

    private const double Bore = 0.045;
    private const double LoadRating = 55_300;
    private const double RatedTorque = 98;
    private const double RatedSpeed = 1450;
    private const double BeltPull = 18_000;
    private const double MotorEfficiency = 0.91;
    private const double LineVoltage = 400;
    private const double PowerFactor = 0.85;
    private const double Slip = 0.02;

    private static readonly double ReferenceLoad = RadialLoad(0.85);

    private readonly Spall _spall;
    private readonly Lubrication _grease;
    private readonly ThermalBody _bearing;
    private readonly ThermalBody _winding = new(resistance: 0.04, timeConstant: 0.8);
    private readonly double _friction;
    private readonly double _unbalance;
    private readonly double _roughness;
    private readonly double _hiss;
    private double _temperature = Lubrication.ReferenceTemperature;

    private MotorBearing(FaultMode mode, SeededRandom works)
    {
        _bearing = new ThermalBody(resistance: 0.45 * works.Factor(0.03), timeConstant: 1.5);
        _friction = 0.0015 * works.Factor(0.03);
        _unbalance = 1.1 * works.Factor(0.08);
        _roughness = 4 * works.Factor(0.08);
        _hiss = 32 + works.Normal();

        // Both are drawn whatever the mode, so that the same name is the same bearing in either.
        var (initiation, spread) = (works.Between(20.0, 110), 0.0195 * works.Factor(0.1));
        var (reserve, bleed) = (works.Between(20.0, 110), 0.0105 * works.Factor(0.1));
        var hourly = RollingBearing.LifeUsed(ReferenceLoad, LoadRating, RatedSpeed, hours: 1);
        _spall = new Spall(mode == FaultMode.First ? initiation * hourly : double.PositiveInfinity, spread);
        _grease = new Lubrication(mode == FaultMode.Second ? reserve : double.PositiveInfinity, bleed);
    }

    public double Damage => Math.Max(_spall.Damage, _grease.Starvation);

    public void Advance(in Duty duty, Span<double> truth)
    {
        var (torqueShare, relative) = (duty.Regime.Load / 100, duty.Regime.Speed / RatedSpeed);
        var load = RadialLoad(torqueShare);
        _spall.Advance(
            RollingBearing.LifeUsed(load, LoadRating, duty.Regime.Speed, duty.Hours), load / ReferenceLoad, relative, duty.Hours);
        _grease.Advance(_temperature, duty.Hours);

        var speed = duty.Regime.Speed * (1 - (Slip * torqueShare));
        var coefficient = _friction * _grease.FrictionFactor * (1 + (0.1 * _spall.Length));
        var heat = RollingBearing.FrictionHeat(coefficient, load, Bore, speed);
        var shaft = (RatedTorque * torqueShare * speed * Math.PI / 30) + heat;
        var electric = shaft / MotorEfficiency;
        _temperature = _bearing.Advance(heat, duty.Ambient, duty.Hours);

        // A young spall knocks once per ball; an old one is so long that knocks run together (kurtosis rises, then falls).
        var (spall, dry) = (_spall.Length, _grease.Starvation);
        var knock = spall / 2;

        truth[0] = duty.Regime.Speed;
        truth[1] = duty.Regime.Load;
        truth[2] = speed;
        truth[3] = electric / (Math.Sqrt(3) * LineVoltage * PowerFactor);
        truth[4] = electric / 1_000;
        truth[5] = _winding.Advance(electric - shaft, duty.Ambient, duty.Hours);
        truth[6] = _temperature;
        truth[7] = duty.Ambient;
        truth[8] = Norm(_unbalance * relative, 0.35 * spall, 0.5 * dry);
        truth[9] = relative * relative * Norm(_roughness, 3.5 * spall, 6 * dry);
        truth[10] = 3.1 + (5 * knock * Math.Exp(1 - knock)) - (0.5 * dry);
        truth[11] = relative * (0.8 + (1.6 * spall * (torqueShare + 0.15)));
        truth[12] = _hiss + (20 * Math.Log10(relative)) + (10 * Math.Log10(1 + (0.3 * spall) + (40 * dry)));
    }

    /// <summary>Belt tension and transmitted torque, N.</summary>
    private static double RadialLoad(double torqueShare) => BeltPull * (0.4 + (0.6 * torqueShare));

    // Independent vibrations add by power.
    private static double Norm(double a, double b, double c) => Math.Sqrt((a * a) + (b * b) + (c * c));
}
