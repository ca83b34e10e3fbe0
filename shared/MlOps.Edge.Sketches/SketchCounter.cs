using System.Runtime.InteropServices;

namespace MlOps.Edge.Sketches;

/// <summary>
/// Counts the frames of one installation against a specification. A replaced machine gets a new counter: no count ever
/// straddles two installations. Not safe for concurrent use.
/// </summary>
public sealed class SketchCounter(SketchSpec spec)
{
    private readonly Dictionary<(int Stratum, int Channel, int Bin), long> _cells = [];
    private readonly Dictionary<(int Stratum, int Channel), long> _sums = [];
    private readonly float[] _previous = NothingYet(spec.Channels.Length);
    private readonly int[] _run = new int[spec.Channels.Length];
    private readonly int[] _longest = new int[spec.Channels.Length];
    private long _first;
    private long _last = -1;
    private long _rows;

    public SketchSpec Spec { get; } = spec;

    /// <summary>Whether the last frame completed a block, so that it is time to <see cref="Flush"/>.</summary>
    public bool Due => _rows > 0 && (_last + 1) % Spec.Block == 0;

    /// <summary>Counts one frame.</summary>
    /// <param name="frame">Raw values, one per channel, in the channels' units; NaN where missing.</param>
    /// <param name="age">Sample intervals since installation; ascends from call to call.</param>
    /// <exception cref="ArgumentException">The frame has another number of channels, or its age does not ascend.</exception>
    public void Add(ReadOnlySpan<float> frame, long age)
    {
        if (frame.Length != Spec.Channels.Length)
        {
            throw new ArgumentException($"A frame of {frame.Length} values cannot be counted against {Spec.Channels.Length} channels.", nameof(frame));
        }

        if (age <= _last)
        {
            throw new ArgumentException($"Frame {age} comes after frame {_last} was counted.", nameof(age));
        }

        var stratum = Spec.StratumOf(frame, age);
        for (var channel = 0; channel < frame.Length; channel++)
        {
            Count(stratum, channel, frame[channel], follows: age == _last + 1);
        }

        _first = _rows == 0 ? age : _first;
        _last = age;
        _rows++;
    }

    /// <summary>What was counted since the last flush, or null when nothing was. Runs of identical values go on across flushes.</summary>
    public SketchIncrement? Flush()
    {
        if (_rows == 0)
        {
            return null;
        }

        var increment = new SketchIncrement
        {
            FirstFrame = _first,
            LastFrame = _last,
            Rows = _rows,
            Cells = [.. _cells.OrderBy(c => c.Key).Select(c => new SketchCell(c.Key.Stratum, c.Key.Channel, c.Key.Bin, c.Value))],
            Sums = [.. _sums.Where(s => s.Value != 0).OrderBy(s => s.Key).Select(s => new SketchSum(s.Key.Stratum, s.Key.Channel, s.Value))],
            LongestRuns = [.. _longest],
        };
        _cells.Clear();
        _sums.Clear();
        Array.Clear(_longest);
        _rows = 0;
        return increment;
    }

    private void Count(int stratum, int channel, float value, bool follows)
    {
        var bins = Spec.Channels[channel];
        CollectionsMarshal.GetValueRefOrAddDefault(_cells, (stratum, channel, bins.BinOf(value)), out _)++;
        if (!float.IsNaN(value))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sums, (stratum, channel), out _) += bins.StepsOf(value);
        }

        // NaN equals nothing, so a gap in the values ends a run by itself.
        _run[channel] = float.IsNaN(value) ? 0 : follows && value == _previous[channel] ? _run[channel] + 1 : 1;
        _longest[channel] = Math.Max(_longest[channel], _run[channel]);
        _previous[channel] = value;
    }

    private static float[] NothingYet(int channels)
    {
        var previous = new float[channels];
        Array.Fill(previous, float.NaN);
        return previous;
    }
}
