namespace MlOps.Edge.Simulator.Tests.Plant;

/// <summary>What the two ways of dying look like, as a person at the machine would see them.</summary>
public class FaultModeTests
{
    [Theory]
    [InlineData("pump", "flow", 0.85, 0.95, 0.99, 1.01)]
    [InlineData("pump", "discharge_pressure", 0.80, 0.95, 0.99, 1.01)]
    [InlineData("pump", "motor_current", 0.80, 0.97, 1.02, 1.12)]
    [InlineData("pump", "vibration_velocity", 2.0, 4.0, 1.05, 1.9)]
    [InlineData("pump", "bearing_acceleration", 0.95, 1.3, 4.0, 12.0)]
    [InlineData("pump", "bearing_temperature", 0.9, 1.1, 1.3, 2.5)]
    [InlineData("bearing", "envelope_outer_race", 6.0, 20.0, 0.99, 1.01)]
    [InlineData("bearing", "acceleration_rms", 2.5, 8.0, 1.2, 2.2)]
    [InlineData("bearing", "acceleration_kurtosis", 1.5, 3.0, 0.75, 0.95)]
    [InlineData("bearing", "bearing_temperature", 1.05, 1.6, 1.2, 1.7)]
    [InlineData("bearing", "ultrasound", 1.0, 1.2, 1.3, 1.7)]
    public void Each_shows_in_channels_of_its_own(string kind, string channel, double firstLow, double firstHigh, double secondLow, double secondHigh)
    {
        Assert.InRange(Change(kind, "f", channel), firstLow, firstHigh);
        Assert.InRange(Change(kind, "s", channel), secondLow, secondHigh);
    }

    /// <summary>The true value at the end of life over that when young, in the same regime; the middle one of nine units.</summary>
    private static double Change(string kind, string pool, string channel)
    {
        var source = Lives.Source(kind);
        return Enumerable.Range(1, 9)
            .Select(unit => Lives.Truth(source, $"{pool}{unit:000}", channel))
            .Select(life => life[^6..].Average() / life[..6].Average())
            .Order()
            .ElementAt(4);
    }
}
