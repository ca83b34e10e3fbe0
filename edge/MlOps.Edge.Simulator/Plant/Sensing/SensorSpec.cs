using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Simulator.Plant.Sensing;

/// <summary>What stands between a physical value and a number.</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Unit">UCUM code.</param>
internal sealed record SensorSpec(string Name, string Unit)
{
    public ChannelRole Role { get; init; } = ChannelRole.Sensor;

    /// <summary>Standard deviation of the noise, in the channel's unit.</summary>
    public double Noise { get; init; }

    /// <summary>Standard deviation of the noise as a share of the value; adds to <see cref="Noise"/>.</summary>
    public double RelativeNoise { get; init; }

    /// <summary>φ of the noise: how much of it stays until the next frame. Turbulence and unsteady load are not white.</summary>
    public double Memory { get; init; } = 0.3;

    /// <summary>How far the gain of one sensor of this make is off that of another, as a standard deviation.</summary>
    public double GainSpread { get; init; }

    /// <summary>The step of the converter, in the channel's unit.</summary>
    public double Resolution { get; init; }

    public ChannelSpec Channel => new(Name, Unit, Role);

    /// <summary>A set point: known, not measured.</summary>
    public static SensorSpec Setting(string name, string unit) => new(name, unit) { Role = ChannelRole.Setting };
}

/// <summary>How often sensors misbehave by themselves, per channel and frame.</summary>
internal sealed record SensorHealth
{
    public static SensorHealth Ordinary { get; } = new();
    public static SensorHealth Perfect { get; } = new() { Missing = 0, Spike = 0, Sticks = 0 };

    /// <summary>No value at all. Default: 2 in 1,000.</summary>
    public double Missing { get; init; } = 0.002;

    /// <summary>One value far off, as from a loose contact. Default: 2 in 10,000.</summary>
    public double Spike { get; init; } = 0.0002;

    /// <summary>The value stays as it is for 3 to 8 frames, as when a converter's bus hangs. Default: 1 in 10,000.</summary>
    public double Sticks { get; init; } = 0.0001;
}
