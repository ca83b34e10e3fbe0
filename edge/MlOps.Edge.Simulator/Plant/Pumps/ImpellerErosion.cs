using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Plant.Pumps;

/// <summary>
/// Solids in the liquid take the impeller away. Erosion goes with about the third power of velocity (I. Finnie, "Erosion of
/// surfaces by solid particles", Wear 3, 1960: 2 to 3). A hard coating keeps it off at first; once breached, the rough, undercut
/// surface makes vortices that erode faster still, so that the loss feeds itself.
/// </summary>
/// <param name="coating">Hours at rated speed until the coating is breached; infinite: never.</param>
/// <param name="growth">Per hour at rated speed.</param>
internal sealed class ImpellerErosion(double coating, double growth, SeededRandom slurry)
{
    private const double VelocityExponent = 3;

    // Loss at which the undercut begins to feed itself, as a share of the loss at the end of life.
    private const double Undercut = 0.08;

    private double _coating = coating;
    private double _concentration = slurry.Normal();

    /// <summary>0 new; 1 at the end of life, when about a tenth of the flow is gone.</summary>
    public double Loss { get; private set; }

    public void Advance(double relativeSpeed, double hours)
    {
        // Solids come in spells: log-normal around the mean, with a memory of about a day.
        _concentration = (0.95 * _concentration) + (Math.Sqrt(1 - (0.95 * 0.95)) * slurry.Normal());
        var attack = Math.Pow(relativeSpeed, VelocityExponent) * Math.Exp(0.15 * _concentration) * hours;
        if (_coating > 0)
        {
            _coating -= attack;
            return;
        }

        Loss = Math.Min(1, ((Loss + Undercut) * Math.Exp(growth * attack)) - Undercut);
    }
}
