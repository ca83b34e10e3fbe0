using System.Text;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>All that a program has done to files and sockets over its starts and ends, in one order.</summary>
internal sealed class Recording
{
    private readonly TraceReader _reader = new();
    private readonly List<TracedCall> _calls = [];

    /// <summary>In the order in which they ended; those that a kill cut short come where their process ended, and have no end.</summary>
    public IReadOnlyList<TracedCall> Calls => _calls;

    /// <summary>The moment after all of it.</summary>
    public long End => _calls.Select(call => call.Ended == TracedCall.Never ? call.Begun : call.Ended).DefaultIfEmpty().Max() + 1;

    /// <summary>Adds the log of the next process.</summary>
    public Recording Add(string log)
    {
        using var file = new StreamReader(log, Encoding.Latin1);
        return Add(file);
    }

    public Recording Add(TextReader log)
    {
        _calls.AddRange(_reader.Read(log));
        return this;
    }

    /// <summary>The same without the calls of that name: what would be if the program did not make them.</summary>
    public Recording Without(params string[] names)
    {
        var other = new Recording();
        other._calls.AddRange(_calls.Where(call => !names.Contains(call.Name)));
        return other;
    }
}
