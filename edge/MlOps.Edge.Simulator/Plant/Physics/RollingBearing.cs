namespace MlOps.Edge.Simulator.Plant.Physics;

/// <summary>Textbook relations of rolling bearings that both kinds of machine use.</summary>
internal static class RollingBearing
{
    /// <summary>Exponent of the load-life relation for ball bearings: L10 = (C/P)^3 million revolutions (ISO 281:2007).</summary>
    public const double LoadLifeExponent = 3;

    /// <summary>
    /// The share of the basic rating life that a time at constant load uses up. Shares of unequal loads add
    /// (Palmgren 1924, Miner 1945).
    /// </summary>
    /// <param name="load">P, equivalent dynamic load, N.</param>
    /// <param name="rating">C, basic dynamic load rating, N.</param>
    /// <param name="speed">1/min.</param>
    public static double LifeUsed(double load, double rating, double speed, double hours) =>
        speed * 60 * hours / 1e6 * Math.Pow(load / rating, LoadLifeExponent);

    /// <summary>Heat made by friction, W: the torque ½·μ·P·d (SKF, Rolling bearings catalogue) times the angular speed.</summary>
    /// <param name="friction">μ; about 0.0015 for a healthy, well-oiled deep-groove ball bearing.</param>
    /// <param name="load">P, N.</param>
    /// <param name="bore">d, m.</param>
    /// <param name="speed">1/min.</param>
    public static double FrictionHeat(double friction, double load, double bore, double speed) =>
        0.5 * friction * load * bore * speed * Math.PI / 30;
}
