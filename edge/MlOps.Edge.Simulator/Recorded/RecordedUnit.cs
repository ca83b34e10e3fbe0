using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>One life from a file: from the first row to the one in which the machine failed.</summary>
/// <param name="Name">Unique among all files of a source.</param>
/// <param name="Values">Row-major <c>[frames, C]</c>; NaN where a value is missing.</param>
internal sealed record RecordedUnit(string Name, int Channels, float[] Values)
{
    public int Frames => Values.Length / Channels;

    public ReadOnlySpan<float> Row(int frame) => Values.AsSpan(frame * Channels, Channels);
}

/// <summary>A file of lives that were recorded to the end.</summary>
internal sealed record Recording(MachineKind Kind, IReadOnlyList<RecordedUnit> Units);

/// <summary>A recorded life, replayed row by row.</summary>
internal sealed class RecordedMachine(MachineKind kind, RecordedUnit unit) : IMachine
{
    public MachineKind Kind => kind;

    public int Age { get; private set; }

    public bool TryNext(Span<float> channels)
    {
        if (channels.Length < unit.Channels)
        {
            throw new ArgumentException($"a frame has {unit.Channels} channels, not {channels.Length}", nameof(channels));
        }

        if (Age == unit.Frames)
        {
            return false;
        }

        unit.Row(Age++).CopyTo(channels);
        return true;
    }
}
