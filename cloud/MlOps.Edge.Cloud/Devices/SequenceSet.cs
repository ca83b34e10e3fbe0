namespace MlOps.Edge.Cloud.Devices;

/// <summary>A set of sequence numbers as ascending ranges that neither overlap nor touch.</summary>
internal sealed class SequenceSet
{
    private readonly List<SequenceSpan> _spans = [];

    public IReadOnlyList<SequenceSpan> Spans => _spans;

    public void Add(long first, long last)
    {
        // Nearly every sequence follows the last one.
        if (_spans.Count > 0 && _spans[^1].Last == first - 1)
        {
            _spans[^1] = new(_spans[^1].First, last);
            return;
        }

        var from = _spans.FindIndex(span => span.Last >= first - 1);
        if (from < 0)
        {
            _spans.Add(new(first, last));
            return;
        }

        var count = 0;
        while (from + count < _spans.Count && _spans[from + count].First <= last + 1)
        {
            first = Math.Min(first, _spans[from + count].First);
            last = Math.Max(last, _spans[from + count].Last);
            count++;
        }

        _spans.RemoveRange(from, count);
        _spans.Insert(from, new(first, last));
    }
}
