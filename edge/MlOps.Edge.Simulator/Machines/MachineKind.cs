using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Simulator.Machines;

/// <summary>What is known of a make of machine without looking at any one of them.</summary>
internal sealed record MachineKind
{
    /// <summary>The kind's name, e.g. <c>centrifugal-pump</c>; it begins the ids of assets.</summary>
    public required string Name { get; init; }

    /// <summary>The columns of a frame, in order.</summary>
    public required IReadOnlyList<ChannelSpec> Channels { get; init; }

    /// <summary>The virtual time between two frames.</summary>
    public TimeSpan SampleInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The window, in frames, that a model of this kind looks at.</summary>
    public int Window { get; init; } = 40;

    /// <summary>A prediction every so many frames.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>The remaining life, in frames, above which a machine counts as healthy.</summary>
    public double RulCap { get; init; } = 125;

    /// <summary>The order to build a model that predicts the remaining life of this kind.</summary>
    public ModelDefinition RulModel => new()
    {
        Name = $"{Name}-rul",
        MachineKind = Name,
        Channels = Channels,
        Window = Window,
        Stride = Stride,
        SampleInterval = SampleInterval,
        RulCap = RulCap,
    };
}
