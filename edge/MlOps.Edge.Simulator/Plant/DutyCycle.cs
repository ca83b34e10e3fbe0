using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Plant;

/// <summary>A way in which a machine is run.</summary>
/// <param name="Speed">Set point, 1/min.</param>
/// <param name="Load">Set point, percent: a valve's opening or a torque.</param>
internal sealed record Regime(double Speed, double Load);

/// <summary>What is asked of a machine for one sample interval, and where it stands.</summary>
/// <param name="Ambient">°C.</param>
/// <param name="Hours">The length of the interval.</param>
internal readonly record struct Duty(Regime Regime, double Ambient, double Hours);

/// <summary>
/// The work of one machine: it stays in a regime for some hours, then goes to another; the hall around it warms by day and
/// cools by night, and has its weather.
/// </summary>
internal sealed class DutyCycle(IReadOnlyList<Regime> regimes, double hours, SeededRandom random)
{
    private const int ShortestStay = 3;
    private const int LongestStay = 8;

    private readonly double _hallMean = random.Between(17, 21);
    private readonly double _hourOfDay = random.Between(0.0, 24);
    private double _weather = random.Normal();
    private int _regime = random.Between(0, regimes.Count - 1);
    private int _stay = random.Between(1, LongestStay);
    private double _elapsed;

    public Duty Next()
    {
        if (_stay-- == 0)
        {
            _regime = (_regime + random.Between(1, regimes.Count - 1)) % regimes.Count;
            _stay = random.Between(ShortestStay, LongestStay) - 1;
        }

        _weather = (0.95 * _weather) + (Math.Sqrt(1 - (0.95 * 0.95)) * random.Normal());
        _elapsed += hours;
        var day = Math.Sin(2 * Math.PI * (_hourOfDay + _elapsed) / 24);
        return new Duty(regimes[_regime], _hallMean + (3 * day) + _weather, hours);
    }
}
