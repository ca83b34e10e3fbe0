namespace MlOps.Edge.Contracts.Models;

/// <summary>
/// What a model is asked to be, before any version of it exists: the machine it watches and the shape of its window.
/// Written once by a data scientist; every version of the model keeps it.
/// </summary>
public sealed record ModelDefinition
{
    /// <summary>The model's name in the registry: <c>[a-z0-9][a-z0-9_-]{0,63}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of machine whose assets it may judge, e.g. <c>centrifugal-pump</c>.</summary>
    public required string MachineKind { get; init; }

    /// <summary>The columns of a window, in order. C is their number.</summary>
    public required IReadOnlyList<ChannelSpec> Channels { get; init; }

    /// <summary>T, the number of frames in a window.</summary>
    public required int Window { get; init; }

    /// <summary>A prediction is made at every frame whose age is a multiple of this.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>The time between two frames.</summary>
    public required TimeSpan SampleInterval { get; init; }

    /// <summary>
    /// Remaining useful life above which a machine counts as healthy, in sample intervals: truth and prediction are both
    /// min(·, cap). A piecewise-linear target after Heimes, PHM 2008, "Recurrent neural networks for remaining useful life estimation".
    /// </summary>
    public required double RulCap { get; init; }

    /// <summary>Nominal coverage of the prediction interval. Default: 0.9.</summary>
    public double Coverage { get; set; } = 0.9;
}
