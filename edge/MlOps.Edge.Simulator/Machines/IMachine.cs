namespace MlOps.Edge.Simulator.Machines;

/// <summary>
/// One unit of a kind of machine, from new to its end, read one frame at a time. Reading is what makes it age: there is no
/// clock in it. The same source, unit and number of reads always give the same bytes.
/// </summary>
internal interface IMachine
{
    MachineKind Kind { get; }

    /// <summary>How many frames have been read: the age, in sample intervals, of the next one.</summary>
    int Age { get; }

    /// <summary>
    /// Writes the next frame, one value per channel in the order of <see cref="MachineKind.Channels"/>, in the channels' units;
    /// NaN where the sensor gave none. Returns false, and writes nothing, once the machine has reached the end of its life.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="channels"/> is shorter than the kind has channels.</exception>
    bool TryNext(Span<float> channels);
}

/// <summary>Where units come from: the plant simulator or recordings. <see cref="Create"/> may be called from any thread, the rest from one.</summary>
internal interface IMachineSource
{
    MachineKind Kind { get; }

    /// <summary>Which units there are and what they are for; the pools share none.</summary>
    UnitPools Pools { get; }

    /// <summary>The number of frames from new to the end of life. The last one is the frame in which the machine fails.</summary>
    /// <exception cref="ArgumentException">There is no such unit.</exception>
    int LifeOf(string unit);

    /// <summary>A unit as it left the works.</summary>
    /// <exception cref="ArgumentException">There is no such unit.</exception>
    IMachine Create(string unit);
}

/// <summary>Disjoint lists of unit names, in the order in which they are used.</summary>
internal sealed record UnitPools
{
    /// <summary>Units that have lived before the story begins; their recorded lives train the first model.</summary>
    public required IReadOnlyList<string> History { get; init; }

    /// <summary>Units of the same make and fault mode as <see cref="History"/>, for the field.</summary>
    public required IReadOnlyList<string> First { get; init; }

    /// <summary>Units with a fault mode that no unit of the other pools has.</summary>
    public required IReadOnlyList<string> Second { get; init; }
}

internal static class MachineSourceExtensions
{
    /// <summary>
    /// A unit at an age: created new and run forward, so that a simulator that was killed goes on at the very frame after
    /// the last one its device has kept.
    /// </summary>
    public static IMachine CreateAt(this IMachineSource source, string unit, int age)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(age);
        var machine = source.Create(unit);
        Span<float> frame = stackalloc float[machine.Kind.Channels.Count];
        while (machine.Age < age)
        {
            if (!machine.TryNext(frame))
            {
                throw new ArgumentOutOfRangeException(nameof(age), age, $"unit {unit} ends after {machine.Age} frames");
            }
        }

        return machine;
    }
}
