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

    /// <summary>Whether a process was killed in a sync of that file.</summary>
    /// <param name="file">Its name without a path.</param>
    public bool IsKilledInSync(string file) => _calls.Exists(call => call is { Name: "fsync" or "fdatasync", Ended: TracedCall.Never } && Path.GetFileName(call.File) == file);

    /// <summary>Adds the log of the next process.</summary>
    /// <param name="left">The files as it left them, by whole path.</param>
    public Recording Add(string log, IReadOnlyDictionary<string, byte[]?> left)
    {
        using var file = new StreamReader(log, Encoding.Latin1);
        return Add(file, left);
    }

    public Recording Add(TextReader log, IReadOnlyDictionary<string, byte[]?>? left = null)
    {
        _calls.AddRange(_reader.Read(log).Select(call => call is { Name: "pwrite64", Ended: TracedCall.Never } ? CutShort(call, left) : call).OfType<TracedCall>());
        return this;
    }

    // Nobody heard what became of a write that a kill cut short. Whoever comes next reads what it wrote, and a later sync is of that as well.
    private static TracedCall? CutShort(TracedCall call, IReadOnlyDictionary<string, byte[]?>? left)
    {
        var content = left?.GetValueOrDefault(call.File);
        var whole = call.Texts.SelectMany(text => text).ToArray();
        if (content is null || call.ToNumber() >= content.Length)
        {
            return null;
        }

        var written = content.AsSpan((int)call.ToNumber()).CommonPrefixLength(whole);
        return written == 0 ? null : call with { Result = written, Ended = call.Begun };
    }

    /// <summary>The same without the calls of that name: what would be if the program did not make them.</summary>
    public Recording Without(params string[] names)
    {
        var other = new Recording();
        other._calls.AddRange(_calls.Where(call => !names.Contains(call.Name)));
        return other;
    }
}
