namespace MlOps.Edge.Simulator.Plant.Physics;

/// <summary>
/// A body of one temperature that stores heat and loses it through one resistance: C dT/dt = P − (T − T∞)/R. The exact
/// solution over a step of constant power, so that the step may be as long as the time constant R·C or longer.
/// </summary>
/// <param name="resistance">R, K/W.</param>
/// <param name="timeConstant">R·C, hours.</param>
internal sealed class ThermalBody(double resistance, double timeConstant)
{
    private double? _temperature;

    /// <summary>Degrees Celsius at the end of a step.</summary>
    /// <param name="power">Heat put in, W.</param>
    /// <param name="surroundings">T∞, °C.</param>
    /// <param name="hours">The step.</param>
    public double Advance(double power, double surroundings, double hours)
    {
        // A machine is first read when it has run long enough to be warm.
        var settled = surroundings + (power * resistance);
        var before = _temperature ?? settled;
        var temperature = settled + ((before - settled) * Math.Exp(-hours / timeConstant));
        _temperature = temperature;
        return temperature;
    }
}
