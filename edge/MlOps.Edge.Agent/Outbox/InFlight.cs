using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// The batches that were sent on this connection and are not acknowledged. Each has a patience of its own that doubles, up to sixteen
/// times, whenever it is sent again: one that the cloud cannot answer comes ever more rarely and holds up no other.
/// </summary>
internal sealed class InFlight(TimeSpan patience, Jitter jitter, TimeProvider clock)
{
    private const int MostDoublings = 4;
    private readonly SortedDictionary<BatchKey, Sending> _sent = [];
    private long _latency;

    public int Count => _sent.Count;

    /// <summary>
    /// The usual time from the send to the acknowledgement: a mean in which each batch counts for an eighth, without those that were sent
    /// again (RFC 6298, sections 2 and 3). Zero before the first. Any thread may ask.
    /// </summary>
    public TimeSpan Latency => TimeSpan.FromTicks(Volatile.Read(ref _latency));

    /// <summary>How long until one has waited long enough; infinite when nothing is in flight, and zero at the least.</summary>
    public TimeSpan UntilOverdue => _sent.Count == 0
        ? Timeout.InfiniteTimeSpan
        : _sent.Values.Select(sending => sending.Patience - clock.GetElapsedTime(sending.At)).Select(left => left > TimeSpan.Zero ? left : TimeSpan.Zero).Min();

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<BatchKey> Overdue => Where(sending => clock.GetElapsedTime(sending.At) >= sending.Patience);

    /// <summary>The oldest first.</summary>
    public IReadOnlyCollection<BatchKey> Keys => _sent.Keys;

    /// <summary>How many of the batches in the streams of a kind.</summary>
    public int CountOf(StreamKind kind) => _sent.Values.Count(sending => sending.Kind == kind);

    public StreamKind KindOf(BatchKey key) => _sent[key].Kind;

    public bool Contains(BatchKey key) => _sent.ContainsKey(key);

    /// <summary>Note it before the send: an acknowledgement may overtake the broker's.</summary>
    public void Send(BatchKey key, StreamKind kind = StreamKind.Live)
    {
        var repeats = _sent.TryGetValue(key, out var before) ? before.Repeats + 1 : 0;
        _sent[key] = new(kind, clock.GetTimestamp(), repeats, jitter.Around(patience * Factor(repeats)));
    }

    public void Remove(BatchKey key) => _sent.Remove(key);

    public void Clear() => _sent.Clear();

    /// <summary>Lets go of what an acknowledgement speaks of.</summary>
    public void Settle(long stream, StreamAcknowledgement acknowledgement)
    {
        foreach (var key in _sent.Keys.Where(key => key.Stream == stream && (key.Sequence <= acknowledgement.Through
            || acknowledgement.Above.Any(range => key.Sequence >= range.First && key.Sequence <= range.Last)
            || acknowledgement.Refused?.Any(range => key.Sequence >= range.First && key.Sequence <= range.Last) == true)).ToArray())
        {
            if (_sent.Remove(key, out var sending) && sending.Repeats == 0)
            {
                var took = clock.GetElapsedTime(sending.At).Ticks;
                Volatile.Write(ref _latency, _latency == 0 ? took : _latency + ((took - _latency) / 8));
            }
        }
    }

    /// <summary>What was sent, is older than what arrived, and has had the time of a round trip (a tenth of the patience): lost on the way.</summary>
    public IReadOnlyList<BatchKey> LostBefore(BatchKey arrived) =>
        [.. _sent.Where(sent => sent.Key.Stream == arrived.Stream && sent.Key.Sequence < arrived.Sequence
            && clock.GetElapsedTime(sent.Value.At) >= patience * Factor(sent.Value.Repeats) / 10).Select(sent => sent.Key)];

    private static int Factor(int repeats) => 1 << Math.Min(repeats, MostDoublings);

    private BatchKey[] Where(Func<Sending, bool> holds) => [.. _sent.Where(sent => holds(sent.Value)).Select(sent => sent.Key)];

    private readonly record struct Sending(StreamKind Kind, long At, int Repeats, TimeSpan Patience);
}
