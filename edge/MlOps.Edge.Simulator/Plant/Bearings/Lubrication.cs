namespace MlOps.Edge.Simulator.Plant.Bearings;

/// <summary>
/// The grease in a bearing: it lasts for a while, then bleeds dry, and the hotter it is the faster: its life halves with every
/// 15 K (SKF, Rolling bearings catalogue, relubrication intervals). Since a dry bearing runs hot, starvation feeds itself.
/// </summary>
/// <param name="reserve">Hours at the reference temperature until starvation sets in; infinite: never.</param>
/// <param name="growth">Per hour at the reference temperature.</param>
internal sealed class Lubrication(double reserve, double growth)
{
    /// <summary>°C.</summary>
    public const double ReferenceTemperature = 60;

    private const double HalvingStep = 15;
    private const double FirstDryPatch = 0.15;

    private double _reserve = reserve;

    /// <summary>0 a full film; 1 metal on metal.</summary>
    public double Starvation { get; private set; }

    /// <summary>The factor by which the coefficient of friction has grown.</summary>
    public double FrictionFactor => 1 + (0.7 * Starvation);

    /// <param name="temperature">Of the bearing, °C.</param>
    public void Advance(double temperature, double hours)
    {
        var ageing = Math.Pow(2, (temperature - ReferenceTemperature) / HalvingStep) * hours;
        if (_reserve > 0)
        {
            _reserve -= ageing;
            return;
        }

        Starvation = Math.Min(1, ((Starvation + FirstDryPatch) * Math.Exp(growth * ageing)) - FirstDryPatch);
    }
}
