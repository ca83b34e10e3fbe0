using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Windows;

/// <summary>
/// Every window of some units at which the model would predict and the target is known, in canonical order: units by id,
/// then by where the recording starts, then by age. The windows themselves are not kept: <see cref="Read"/> streams the
/// frames again.
/// </summary>
internal sealed class WindowSet
{
    private readonly List<UnitHistory> _units;
    private readonly List<WindowRow> _rows = [];

    private WindowSet(ModelDefinition definition, List<UnitHistory> units)
    {
        Definition = definition;
        _units = units;
    }

    public ModelDefinition Definition { get; }

    public IReadOnlyList<UnitHistory> Units => _units;

    public IReadOnlyList<WindowRow> Rows => _rows;

    /// <summary>The number of values in one window: T × C.</summary>
    public int WindowSize => Definition.Window * Definition.Channels.Count;

    /// <param name="lateStarts">
    /// How many times each unit is also seen as a device sees it that was mounted in mid-life: only the windows that are still
    /// short of frames, from starts spread evenly over the recording.
    /// </param>
    public static WindowSet Of(ModelDefinition definition, IEnumerable<UnitHistory> units, int lateStarts = 0)
    {
        var set = new WindowSet(definition, [.. units.OrderBy(unit => unit.Unit, StringComparer.Ordinal)]);
        for (int unit = 0; unit < set._units.Count; unit++)
        {
            int frames = set._units[unit].Frames;
            set.Include(unit, start: 0, end: frames);
            for (int late = 1; late <= lateStarts; late++)
            {
                int start = frames * late / (lateStarts + 1);
                set.Include(unit, start, Math.Min(frames, start + definition.Window - 1));
            }
        }

        return set;
    }

    /// <summary>Hands out the windows in batches, row-major <c>[n, T, C]</c>; the memory is only valid during the call.</summary>
    /// <param name="batch">The most windows in a batch, at least 1.</param>
    /// <param name="visit">Receives the index of the batch's first row and the batch's values.</param>
    public void Read(int batch, Action<int, float[]> visit, CancellationToken cancellationToken)
    {
        var ring = new FrameWindow(Definition.Window, Definition.Channels.Count);
        int start = 0;
        float[] buffer = [];
        (int Unit, int Start, int Next) recording = (-1, 0, 0);
        for (int row = 0; row < _rows.Count; row++)
        {
            WindowRow wanted = _rows[row];
            if ((wanted.Unit, wanted.Start) != (recording.Unit, recording.Start))
            {
                ring.Clear();
                recording = (wanted.Unit, wanted.Start, wanted.Start);
            }

            for (; recording.Next <= wanted.Frame; recording.Next++)
            {
                ring.Push(_units[wanted.Unit].Row(recording.Next));
            }

            if (row == start)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = Math.Min(batch, _rows.Count - start) * WindowSize;
                buffer = buffer.Length == length ? buffer : new float[length];
            }

            ring.CopyTo(buffer.AsSpan((row - start) * WindowSize, WindowSize));
            if ((row - start + 1) * WindowSize == buffer.Length)
            {
                visit(start, buffer);
                start = row + 1;
            }
        }
    }

    private void Include(int unit, int start, int end)
    {
        UnitHistory history = _units[unit];
        for (int frame = start; frame < end; frame++)
        {
            double target = RulTarget.At(history, frame, Definition.RulCap);
            if (!double.IsNaN(target) && (history.FirstFrame + frame) % Definition.Stride == 0)
            {
                _rows.Add(new(unit, start, frame, target));
            }
        }
    }
}

/// <summary>One labelled window of a <see cref="WindowSet"/>.</summary>
/// <param name="Unit">The index of its unit.</param>
/// <param name="Start">The index of the frame at which its recording begins; 0 but for a late start.</param>
/// <param name="Frame">The index, within the unit's recording, of its last frame.</param>
/// <param name="Target">min(RUL, cap) at its last frame, in sample intervals.</param>
internal readonly record struct WindowRow(int Unit, int Start, int Frame, double Target);
