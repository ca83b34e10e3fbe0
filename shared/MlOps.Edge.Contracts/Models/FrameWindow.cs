namespace MlOps.Edge.Contracts.Models;

/// <summary>
/// The last T frames of one installation of one asset, as raw values. The agent and the training room both build their
/// windows with it, so a model is served exactly the bits it was trained on. Not thread-safe; allocates only when made.
/// </summary>
/// <remarks>
/// A history shorter than T is padded on the left by repeating the first frame since <see cref="Clear"/>.
/// A missing value is NaN and stays NaN: what it stands for is decided inside the model's graph.
/// </remarks>
/// <param name="frames">T, at least 1.</param>
/// <param name="channels">C, at least 1.</param>
public sealed class FrameWindow(int frames, int channels)
{
    private readonly float[] _ring = new float[
        Positive(frames, nameof(frames)) * Positive(channels, nameof(channels))];
    private readonly float[] _first = new float[channels];
    private int _next;

    /// <summary>T, the number of frames in a window.</summary>
    public int Frames { get; } = frames;

    /// <summary>C, the number of values in a frame.</summary>
    public int Channels { get; } = channels;

    /// <summary>The number of values in a window: T × C.</summary>
    public int Size => _ring.Length;

    /// <summary>How many frames were pushed since the last <see cref="Clear"/>; more than T may have been.</summary>
    public long Count { get; private set; }

    /// <summary>Appends one frame of C raw values; the oldest leaves when there are more than T.</summary>
    /// <exception cref="ArgumentException">The frame does not have C values.</exception>
    public void Push(ReadOnlySpan<float> frame)
    {
        if (frame.Length != Channels)
        {
            throw new ArgumentException($"a frame of {frame.Length} values came to a window of {Channels} channels", nameof(frame));
        }

        if (Count == 0)
        {
            frame.CopyTo(_first);
        }

        frame.CopyTo(_ring.AsSpan(_next * Channels, Channels));
        _next = _next + 1 == Frames ? 0 : _next + 1;
        Count++;
    }

    /// <summary>Forgets every frame: another installation begins, and no window straddles two.</summary>
    public void Clear()
    {
        _next = 0;
        Count = 0;
    }

    /// <summary>Writes the window, row-major <c>[T, C]</c>, oldest frame first.</summary>
    /// <exception cref="ArgumentException">The target does not have T × C values.</exception>
    /// <exception cref="InvalidOperationException">No frame was pushed yet.</exception>
    public void CopyTo(Span<float> window)
    {
        if (window.Length != Size)
        {
            throw new ArgumentException($"a window has {Size} values, the target {window.Length}", nameof(window));
        }

        if (Count == 0)
        {
            throw new InvalidOperationException("a window without frames has no values");
        }

        if (Count < Frames)
        {
            int missing = Frames - (int)Count;
            for (int i = 0; i < missing; i++)
            {
                _first.CopyTo(window.Slice(i * Channels, Channels));
            }

            _ring.AsSpan(0, _next * Channels).CopyTo(window[(missing * Channels)..]);
            return;
        }

        int oldest = _next * Channels;
        _ring.AsSpan(oldest).CopyTo(window);
        _ring.AsSpan(0, oldest).CopyTo(window[(Size - oldest)..]);
    }

    private static int Positive(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
