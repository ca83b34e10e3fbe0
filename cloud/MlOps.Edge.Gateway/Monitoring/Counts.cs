using System.Diagnostics.Metrics;

namespace MlOps.Edge.Gateway.Monitoring;

/// <summary>Counts that are read whenever somebody asks for the metrics, and so are there at 0 before the first event: a rate can only see a step from what it has seen.</summary>
internal sealed class Count
{
    private long _value;

    public Count(Meter meter, string name, string? unit, string description) =>
        meter.CreateObservableCounter(name, () => Interlocked.Read(ref _value), unit, description);

    public void Add(long count) => Interlocked.Add(ref _value, count);
}

/// <summary>A <see cref="Count"/> for each word of an enumeration, which numbers them from 0.</summary>
/// <typeparam name="T">The values of the label, in lower case.</typeparam>
internal sealed class CountByWord<T>
    where T : struct, Enum
{
    private readonly T[] _words = Enum.GetValues<T>();
    private readonly long[] _values;

    public CountByWord(Meter meter, string name, string label, string description)
    {
        _values = new long[_words.Length];
        KeyValuePair<string, object?>[] labels = [.. _words.Select(word => new KeyValuePair<string, object?>(label, word.ToString().ToLowerInvariant()))];
        meter.CreateObservableCounter(name, () => labels.Select((said, i) => new Measurement<long>(Interlocked.Read(ref _values[i]), said)), null, description);
    }

    public void Add(T word, long count) => Interlocked.Add(ref _values[Array.IndexOf(_words, word)], count);
}
