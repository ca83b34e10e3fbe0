namespace MlOps.Edge.Cloud.Training;

/// <summary>
/// The recorded life of one unit: one installation of one asset, its raw frames in order.
/// Frames are numbered by operating age (0 is the first sample interval after installation);
/// a recording may begin later, at <see cref="FirstFrame"/>.
/// </summary>
public sealed class UnitHistory
{
    /// <summary>The asset's id and its installation epoch: <c>asset#installation</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>The age, in sample intervals, of the first row of <see cref="Values"/>.</summary>
    public long FirstFrame { get; init; }

    /// <summary>C, the number of channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Raw values, row-major <c>[frames, C]</c>, in the channels' units. NaN where a value is missing.</summary>
    public required float[] Values { get; init; }

    public required UnitEnd End { get; init; }

    public int Frames => Values.Length / Channels;

    public ReadOnlySpan<float> Row(int frame) => Values.AsSpan(frame * Channels, Channels);
}

/// <summary>How a recording ends. Only a failure is a full label; a unit replaced on schedule is censored.</summary>
public enum UnitEnd { Running = 0, Failed = 1, Censored = 2 }
