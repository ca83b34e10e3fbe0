namespace MlOps.Edge.Simulator.Recorded;

/// <summary>
/// Puts rows together to lives and refuses what cannot be one: a gap in time would make a window straddle it, and a unit that
/// comes twice would be two machines under one name.
/// </summary>
/// <param name="file">For messages.</param>
/// <param name="wayOut">For messages.</param>
/// <param name="name">Turns the file's number of a unit into a name.</param>
internal sealed class LifeBuilder(string file, string wayOut, int channels, Func<int, string> name)
{
    private readonly List<RecordedUnit> _lives = [];
    private readonly HashSet<int> _seen = [];
    private readonly List<float> _values = [];
    private int _unit = -1;
    private int _cycle;

    /// <summary>Takes the next row of the file.</summary>
    /// <param name="cycle">Counts from 1 in each unit.</param>
    public void Add(int unit, int cycle, ReadOnlySpan<float> row, int line)
    {
        if (unit != _unit)
        {
            Close();
            if (!_seen.Add(unit))
            {
                throw RecordingException.At(file, line, $"unit {unit} comes a second time", wayOut);
            }

            (_unit, _cycle) = (unit, 0);
        }

        if (cycle != _cycle + 1)
        {
            throw RecordingException.At(file, line, $"cycle {cycle} of unit {unit} where {_cycle + 1} should come", wayOut);
        }

        _cycle = cycle;
        _values.AddRange(row);
    }

    public IReadOnlyList<RecordedUnit> Complete()
    {
        Close();
        return _lives.Count > 0 ? _lives : throw new RecordingException($"{file}: there is not one row in it; {wayOut}");
    }

    private void Close()
    {
        if (_values.Count > 0)
        {
            _lives.Add(new RecordedUnit(name(_unit), channels, [.. _values]));
            _values.Clear();
        }
    }
}
