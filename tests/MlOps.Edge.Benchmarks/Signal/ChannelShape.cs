namespace MlOps.Edge.Benchmarks.Signal;

/// <summary>What a channel of the reference signal measures.</summary>
/// <param name="Unit">UCUM.</param>
/// <param name="Decimals">The resolution is 10^-Decimals of the unit.</param>
/// <param name="Idle">The value without load, in the unit.</param>
/// <param name="Range">How much more it is under full load.</param>
/// <param name="NoiseSteps">Standard deviation of the noise, in steps of the resolution.</param>
internal sealed record ChannelShape(string Name, string Unit, int Decimals, double Idle, double Range, double NoiseSteps)
{
    private static readonly string[] Places = ["drive", "gearbox", "pump"];

    /// <summary>Eight quantities at three places of a pump set, from half a step of noise to twenty.</summary>
    public static IReadOnlyList<ChannelShape> All { get; } = [.. Places.SelectMany(place => new ChannelShape[]
    {
        new($"{place}_speed", "/min", 0, 1450, 120, 0.5),
        new($"{place}_temperature", "Cel", 2, 35, 40, 3),
        new($"{place}_oil_pressure", "bar", 2, 2.4, 1.5, 1),
        new($"{place}_flow", "m3/h", 1, 20, 60, 5),
        new($"{place}_current", "A", 2, 11, 18, 8),
        new($"{place}_power", "kW", 2, 4, 11, 12),
        new($"{place}_vibration", "mm/s", 3, 0.8, 2.2, 20),
        new($"{place}_level", "%", 1, 60, 10, 2),
    })];
}
