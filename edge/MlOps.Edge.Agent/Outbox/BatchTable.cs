using Google.Protobuf;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The batches that wait for the cloud, in order, with a tally of them.</summary>
internal sealed class BatchTable(OutboxConnection file)
{
    private readonly Dictionary<long, long> _counts = [];

    public long Count => _counts.Values.Sum();

    /// <summary>What their payloads take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _counts.Clear();
        Bytes = 0;
        using var command = file.Command("SELECT stream, count(*), sum(length(payload)) FROM batch GROUP BY stream");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            _counts[row.GetInt64(0)] = row.GetInt64(1);
            Bytes += row.GetInt64(2);
        }
    }

    /// <summary>How many wait of a stream.</summary>
    public long CountOf(long stream) => _counts.GetValueOrDefault(stream);

    /// <param name="carries">The names of the schemas that it carries, one after the other.</param>
    /// <param name="readings">Values that it has, or stands for.</param>
    /// <param name="made">When it was made, by the outbox's clock, in ms.</param>
    public void Add(BatchKey key, BatchState state, long readings, long made, byte[] carries, byte[] payload)
    {
        file.Execute("INSERT INTO batch (stream, sequence, readings, state, made, carries, payload) VALUES ($stream, $sequence, $readings, $state, $made, $carries, $payload)",
            ("$stream", key.Stream), ("$sequence", key.Sequence), ("$readings", readings), ("$state", (int)state), ("$made", made), ("$carries", carries), ("$payload", payload));
        _counts[key.Stream] = CountOf(key.Stream) + 1;
        Bytes += payload.Length;
    }

    /// <summary>The first batch after a place; null: none.</summary>
    public StoredBatch? After(BatchKey place)
    {
        using var command = file.Command(
            "SELECT stream, sequence, payload FROM batch WHERE (stream, sequence) > ($stream, $sequence) ORDER BY stream, sequence LIMIT 1",
            ("$stream", place.Stream), ("$sequence", place.Sequence));
        using var row = command.ExecuteReader();
        return row.Read() ? new(new(row.GetInt64(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2)) : null;
    }

    /// <summary>The first batch of a stream after a sequence; null: none.</summary>
    public StoredBatch? Next(long stream, long sequence)
    {
        using var command = file.Command("SELECT sequence, payload FROM batch WHERE stream = $stream AND sequence > $sequence ORDER BY sequence LIMIT 1",
            ("$stream", stream), ("$sequence", sequence));
        using var row = command.ExecuteReader();
        return row.Read() ? new(new(stream, row.GetInt64(0)), row.GetFieldValue<byte[]>(1)) : null;
    }

    /// <summary>The first sequence of a stream that waits; null: none.</summary>
    public long? First(long stream)
    {
        using var command = file.Command("SELECT min(sequence) FROM batch WHERE stream = $stream", ("$stream", stream));
        return command.ExecuteScalar() as long?;
    }

    /// <returns>What those carried that carried schemas.</returns>
    public IReadOnlyList<Carrier> Delete(long stream, SequenceRange range)
    {
        using var command = file.Command("DELETE FROM batch WHERE stream = $stream AND sequence BETWEEN $first AND $last RETURNING length(payload), state, carries",
            ("$stream", stream), ("$first", range.First), ("$last", range.Last));
        using var row = command.ExecuteReader();
        var carriers = new List<Carrier>();
        while (row.Read())
        {
            _counts[stream]--;
            Bytes -= row.GetInt64(0);
            if (!row.IsDBNull(2) && row.GetFieldValue<byte[]>(2) is { Length: > 0 } carries)
            {
                carriers.Add(new((BatchState)row.GetInt32(1), [.. carries.Chunk(SchemaId.Bytes).Select(id => ByteString.CopyFrom(id))]));
            }
        }

        return carriers;
    }

    /// <summary>The sequences of a stream that wait, within a range.</summary>
    public IReadOnlyList<long> Sequences(long stream, SequenceRange range)
    {
        using var command = file.Command("SELECT sequence FROM batch WHERE stream = $stream AND sequence BETWEEN $first AND $last ORDER BY sequence",
            ("$stream", stream), ("$first", range.First), ("$last", range.Last));
        using var row = command.ExecuteReader();
        var sequences = new List<long>();
        while (row.Read())
        {
            sequences.Add(row.GetInt64(0));
        }

        return sequences;
    }

    /// <summary>The payloads of the gap records of a stream that wait.</summary>
    public IReadOnlyList<byte[]> Gaps(long stream)
    {
        using var command = file.Command("SELECT payload FROM batch WHERE stream = $stream AND state = 1 ORDER BY sequence", ("$stream", stream));
        using var row = command.ExecuteReader();
        var gaps = new List<byte[]>();
        while (row.Read())
        {
            gaps.Add(row.GetFieldValue<byte[]>(0));
        }

        return gaps;
    }

    /// <summary>Whether a batch waits that was made to tell the cloud of that schema.</summary>
    public bool Tells(ByteString schema)
    {
        using var command = file.Command("SELECT EXISTS (SELECT 1 FROM batch WHERE state = $state AND instr(carries, $id) % $size = 1)",
            ("$state", (int)BatchState.Dictionary), ("$id", schema.ToByteArray()), ("$size", SchemaId.Bytes));
        return (long)command.ExecuteScalar()! != 0;
    }

    /// <summary>Takes batches out, with all that is known of them, in order.</summary>
    public IReadOnlyList<TakenBatch> Take(long stream, SequenceRange range)
    {
        var taken = new List<TakenBatch>();
        using (var command = file.Command(
            "SELECT sequence, state, readings, made, payload FROM batch WHERE stream = $stream AND sequence BETWEEN $first AND $last ORDER BY sequence",
            ("$stream", stream), ("$first", range.First), ("$last", range.Last)))
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
            {
                taken.Add(new(new(stream, row.GetInt64(0)), (BatchState)row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4)));
            }
        }

        Delete(stream, range);
        return taken;
    }

    public void Delete(BatchKey key) => Delete(key.Stream, new(key.Sequence, key.Sequence));

    /// <summary>What waits of a stream after a sequence, in order; the caller may stop at any. Gap records are left out.</summary>
    public IEnumerable<ListedBatch> List(long stream, long after) => List(
        "SELECT stream, sequence, readings, length(payload) FROM batch WHERE stream = $stream AND sequence > $after AND state = $waiting ORDER BY sequence",
        ("$stream", stream), ("$after", after), ("$waiting", (int)BatchState.Waiting));

    /// <summary>What waits, as it was put down. Gap records are left out.</summary>
    public IEnumerable<ListedBatch> Oldest() =>
        List("SELECT stream, sequence, readings, length(payload) FROM batch WHERE state = $waiting ORDER BY rowid", ("$waiting", (int)BatchState.Waiting));

    /// <summary>What was made before, in the order of the streams. Gap records are left out.</summary>
    public IReadOnlyList<ListedBatch> MadeBefore(long limit) =>
        [.. List("SELECT stream, sequence, readings, length(payload) FROM batch WHERE made < $limit AND state = $waiting ORDER BY stream, sequence",
            ("$limit", limit), ("$waiting", (int)BatchState.Waiting))];

    /// <summary>Takes the gap records of a stream after a sequence out, in order.</summary>
    public IReadOnlyList<TakenBatch> TakeGaps(long stream, long after) =>
        [.. List("SELECT stream, sequence, readings, length(payload) FROM batch WHERE stream = $stream AND sequence > $after AND state = 1 ORDER BY sequence", ("$stream", stream), ("$after", after))
            .ToArray().Select(gap => Take(stream, new(gap.Key.Sequence, gap.Key.Sequence))[0])];

    /// <summary>When the oldest was made that waits, by the outbox's clock, in ms; null: none does. Gap records are left out.</summary>
    public long? OldestMade()
    {
        using var command = file.Command("SELECT made FROM batch WHERE state = $waiting ORDER BY made LIMIT 1", ("$waiting", (int)BatchState.Waiting));
        return command.ExecuteScalar() as long?;
    }

    /// <summary>When the newest was made; 0: there is none.</summary>
    public long NewestMade()
    {
        using var command = file.Command("SELECT coalesce(max(made), 0) FROM batch");
        return (long)command.ExecuteScalar()!;
    }

    private IEnumerable<ListedBatch> List(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = file.Command(sql, parameters);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            yield return new(new(row.GetInt64(0), row.GetInt64(1)), row.GetInt64(2), row.GetInt64(3));
        }
    }
}

/// <summary>A batch that waits, without its payload.</summary>
/// <param name="Readings">Values that it has, or stands for.</param>
/// <param name="Bytes">Of its payload.</param>
internal sealed record ListedBatch(BatchKey Key, long Readings, long Bytes);

/// <summary>A batch that is not among the waiting ones any more.</summary>
internal sealed record TakenBatch(BatchKey Key, BatchState State, long Readings, long Made, byte[] Payload);

/// <summary>A batch that brought schemas.</summary>
internal sealed record Carrier(BatchState State, IReadOnlyList<ByteString> Schemas);
