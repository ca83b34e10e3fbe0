namespace MlOps.Edge.Simulator.Plant.Physics;

/// <summary>
/// A spall (a pit flaking out of a raceway) from its birth until it is as long as the bearing bears. Birth is a matter of
/// load cycles (ISO 281); growth follows Paris and Erdogan, "A critical analysis of crack propagation laws", J. Basic Eng. 85
/// (1963): da/dN = C·(ΔK)^m with ΔK = Δσ·√(π·a). With m = 3 that is da/dt ∝ load³·speed·a^1.5.
/// </summary>
/// <param name="initiation">Share of the rating life after which the spall is born.</param>
/// <param name="growth">Millimetres^-0.5 per hour at reference load and speed; C, m and the constants of ΔK in one.</param>
internal sealed class Spall(double initiation, double growth)
{
    /// <summary>A new spall is about as long as the contact is wide, mm.</summary>
    public const double LengthAtBirth = 0.3;

    /// <summary>The end of life, mm: the spall spans more than one ball and the balls begin to drop into it.</summary>
    public const double LengthAtFailure = 6;

    private const double Exponent = 3;

    private double _lifeUsed;

    /// <summary>mm; 0 before birth.</summary>
    public double Length { get; private set; }

    public double Damage => Length / LengthAtFailure;

    /// <param name="lifeUsed">What <see cref="RollingBearing.LifeUsed"/> says of this step.</param>
    /// <param name="relativeLoad">Load over reference load.</param>
    /// <param name="relativeSpeed">Speed over reference speed.</param>
    public void Advance(double lifeUsed, double relativeLoad, double relativeSpeed, double hours)
    {
        _lifeUsed += lifeUsed;
        if (_lifeUsed < initiation)
        {
            return;
        }

        if (Length == 0)
        {
            Length = LengthAtBirth;
            return;
        }

        // Exact over the step: with m = 3 the law integrates to a^-½ falling linearly. A plain Euler step would lag near the end.
        var rate = growth * Math.Pow(relativeLoad, Exponent) * relativeSpeed;
        var root = (1 / Math.Sqrt(Length)) - (rate * hours / 2);
        var rootAtFailure = 1 / Math.Sqrt(LengthAtFailure);
        Length = root <= rootAtFailure ? LengthAtFailure : 1 / (root * root);
    }
}
