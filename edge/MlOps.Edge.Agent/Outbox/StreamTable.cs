using System.Security.Cryptography;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The streams that new batches go into, one of each kind, and those before them. A sequence is given once, whatever happens.</summary>
internal sealed class StreamTable(OutboxConnection file)
{
    private const long Lease = 64;
    private readonly SortedDictionary<long, StreamKind> _kinds = [];
    private readonly Dictionary<long, (long Offered, long Leased)> _offered = [];

    /// <summary>Makes memory what the file is; a file without a live stream begins one.</summary>
    public void Load()
    {
        _kinds.Clear();
        _offered.Clear();
        using (var command = file.Command("SELECT ordinal, kind, offered FROM stream"))
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                _kinds[row.GetInt64(0)] = (StreamKind)row.GetInt32(1);
                _offered[row.GetInt64(0)] = (row.GetInt64(2), row.GetInt64(2));
            }
        }

        Current(StreamKind.Live);
    }

    /// <summary>The ordinal of the stream that new batches of that kind go into; the first of its kind begins with the first batch.</summary>
    public long Current(StreamKind kind) => Newest(kind) ?? Begin(kind);

    public bool IsCurrent(long stream) => Newest(_kinds[stream]) == stream;

    public StreamKind KindOf(long stream) => _kinds[stream];

    /// <summary>Every ordinal, the oldest first.</summary>
    public IEnumerable<long> All => _kinds.Keys;

    /// <summary>The ordinals of that kind, the oldest first.</summary>
    public IEnumerable<long> Of(StreamKind kind) => _kinds.Where(stream => stream.Value == kind).Select(stream => stream.Key);

    /// <summary>Begins a stream under a random epoch of 128 bits.</summary>
    public long Begin(StreamKind kind)
    {
        var stream = _kinds.Count == 0 ? 1 : _kinds.Keys.Last() + 1;
        file.Execute("INSERT INTO stream (ordinal, kind, epoch, next) VALUES ($stream, $kind, $epoch, 1)",
            ("$stream", stream), ("$kind", (int)kind), ("$epoch", RandomNumberGenerator.GetBytes(16)));
        _kinds[stream] = kind;
        _offered[stream] = default;
        return stream;
    }

    /// <summary>The last sequence of a stream that the link may have seen.</summary>
    public long Offered(long stream) => _offered[stream].Offered;

    /// <summary>Whether to offer a batch to the link needs a <see cref="Offer"/> first: it is beyond what the file says may have been sent.</summary>
    public bool IsBeyondLease(BatchKey key) => key.Sequence > _offered[key.Stream].Leased;

    /// <summary>Notes in the file, some sequences ahead so that it is done rarely, that a batch may have been sent.</summary>
    public void Offer(BatchKey key)
    {
        file.Execute("UPDATE stream SET offered = $offered WHERE ordinal = $stream", ("$offered", key.Sequence + Lease - 1), ("$stream", key.Stream));
        _offered[key.Stream] = _offered[key.Stream] with { Leased = key.Sequence + Lease - 1 };
    }

    /// <summary>Notes that a batch within the lease is handed to the link.</summary>
    public void HandOut(BatchKey key) => _offered[key.Stream] = _offered[key.Stream] with { Offered = Math.Max(key.Sequence, _offered[key.Stream].Offered) };

    /// <summary>The sequence of a stream's next batch.</summary>
    public long Next(long stream)
    {
        using var command = file.Command("SELECT next FROM stream WHERE ordinal = $stream", ("$stream", stream));
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Takes the next sequence of a stream.</summary>
    public (BatchKey Key, byte[] Epoch) Take(long stream)
    {
        using var command = file.Command("UPDATE stream SET next = next + 1 WHERE ordinal = $stream RETURNING epoch, next", ("$stream", stream));
        using var row = command.ExecuteReader();
        row.Read();
        return (new(stream, row.GetInt64(1) - 1), row.GetFieldValue<byte[]>(0));
    }

    /// <param name="epoch">32 lower-case hexadecimal digits; anything else is nobody's.</param>
    /// <returns>The stream's ordinal; null: it is not ours.</returns>
    public long? Find(string epoch)
    {
        if (epoch.Length != 32 || !epoch.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        using var command = file.Command("SELECT ordinal FROM stream WHERE epoch = $epoch", ("$epoch", Convert.FromHexString(epoch)));
        return (long?)command.ExecuteScalar();
    }

    private long? Newest(StreamKind kind) => Of(kind).Select(stream => (long?)stream).LastOrDefault();
}
