using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Plant;

/// <summary>One simulated unit at work: its duty, its physics, its sensors, each with random numbers of its own.</summary>
internal sealed class PlantMachine : IMachine
{
    private readonly IPlantPhysics _physics;
    private readonly DutyCycle _duty;
    private readonly Sensor[] _sensors;
    private readonly double[] _truth;

    public PlantMachine(PlantKind kind, FaultMode mode, SensorHealth health, long seed, string unit)
    {
        Kind = kind.Machine;
        _physics = kind.Build(mode, new SeededRandom(seed, $"{unit}/works"));
        _duty = new DutyCycle(kind.Regimes, Kind.SampleInterval.TotalHours, new SeededRandom(seed, $"{unit}/duty"));
        _sensors = [.. kind.Sensors.Select(spec => new Sensor(spec, health, new SeededRandom(seed, $"{unit}/sensor/{spec.Name}")))];
        _truth = new double[_sensors.Length];
    }

    public MachineKind Kind { get; }

    public int Age { get; private set; }

    /// <summary>0 when new, 1 at the end of life.</summary>
    public double Damage => _physics.Damage;

    /// <summary>The channels' true values at the last frame: what perfect sensors would have said.</summary>
    public ReadOnlySpan<double> Truth => _truth;

    public bool TryNext(Span<float> channels)
    {
        if (channels.Length < _sensors.Length)
        {
            throw new ArgumentException($"a frame has {_sensors.Length} channels, not {channels.Length}", nameof(channels));
        }

        if (!TryLive())
        {
            return false;
        }

        for (var channel = 0; channel < _sensors.Length; channel++)
        {
            channels[channel] = _sensors[channel].Read(_truth[channel]);
        }

        return true;
    }

    /// <summary>Runs to the end with nobody reading the sensors, and says at what age that is.</summary>
    public int LiveToTheEnd()
    {
        while (TryLive())
        {
        }

        return Age;
    }

    private bool TryLive()
    {
        if (_physics.Damage >= 1)
        {
            return false;
        }

        _physics.Advance(_duty.Next(), _truth);
        Age++;
        return true;
    }
}
