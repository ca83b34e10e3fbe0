namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>The frames of a unit that an answer has given already, as ranges: they are few, because frames follow one another.</summary>
internal sealed class FrameLedger
{
    private readonly SortedList<long, long> _lastByFirst = [];

    public bool Holds(long frame)
    {
        var index = IndexAtOrBefore(frame);
        return index >= 0 && _lastByFirst.Values[index] >= frame;
    }

    /// <param name="frame">One that it does not hold.</param>
    public void Add(long frame)
    {
        var before = IndexAtOrBefore(frame);
        var first = before >= 0 && _lastByFirst.Values[before] == frame - 1 ? _lastByFirst.Keys[before] : frame;
        var last = _lastByFirst.Remove(frame + 1, out var behind) ? behind : frame;
        _lastByFirst[first] = last;
    }

    // Most frames come behind the last one.
    private int IndexAtOrBefore(long frame)
    {
        var (low, high) = (0, _lastByFirst.Count - 1);
        if (high >= 0 && _lastByFirst.Keys[high] <= frame)
        {
            return high;
        }

        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_lastByFirst.Keys[middle] <= frame)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
