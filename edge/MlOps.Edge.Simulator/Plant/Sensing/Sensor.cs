using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Plant.Sensing;

/// <summary>
/// One sensor on one machine: gain error, noise that remembers (AR(1)), the converter's steps, and now and then a gap, a spike
/// or a value that sticks.
/// </summary>
internal sealed class Sensor
{
    private const double SpikeInDeviations = 12;

    private readonly SensorSpec _spec;
    private readonly SensorHealth _health;
    private readonly SeededRandom _random;
    private readonly double _gain;
    private double _noise;
    private float _last = float.NaN;
    private int _stuckFrames;

    public Sensor(SensorSpec spec, SensorHealth health, SeededRandom random)
    {
        (_spec, _health, _random) = (spec, health, random);
        _gain = random.Factor(spec.GainSpread);
        _noise = random.Normal();
    }

    /// <summary>The number that the device gets for a true value; NaN where it gets none.</summary>
    public float Read(double truth)
    {
        if (_spec.Role == ChannelRole.Setting)
        {
            return (float)truth;
        }

        // Drawn in every frame, used or not: a fault must not shift the draws that come after it.
        _noise = (_spec.Memory * _noise) + (Math.Sqrt(1 - (_spec.Memory * _spec.Memory)) * _random.Normal());
        var (missing, spikes, sticks) = (_random.Chance(_health.Missing), _random.Chance(_health.Spike), _random.Chance(_health.Sticks));
        var stuckFor = _random.Between(3, 8);

        if (_stuckFrames > 0)
        {
            _stuckFrames--;
            return _last;
        }

        var deviation = _spec.Noise + (_spec.RelativeNoise * Math.Abs(truth));
        var value = (truth * _gain) + (deviation * (_noise + (spikes ? SpikeInDeviations : 0)));
        var reading = (float)(Math.Round(value / _spec.Resolution) * _spec.Resolution);
        if (sticks)
        {
            _stuckFrames = stuckFor;
        }

        if (missing)
        {
            return float.NaN;
        }

        return _last = reading;
    }
}
