namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Batches that will never be stored, kept aside for whoever wants to look: the newest of them, a bounded number. They are numbered from 1
/// and the newest one always stays, so the file knows how many there ever were.
/// </summary>
internal sealed class RefusedTable(OutboxConnection file, int most)
{
    /// <summary>How many are kept.</summary>
    public long Kept { get; private set; }

    /// <summary>How many there ever were.</summary>
    public long Ever { get; private set; }

    /// <summary>What the payloads of the kept ones take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The newest, and why, in plain words; null: there was none.</summary>
    public string? Last { get; private set; }

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        using var command = file.Command(
            """
            SELECT count(*), coalesce(max(number), 0), coalesce(sum(length(payload)), 0),
                (SELECT 'batch ' || sequence || ' of stream ' || stream || ': ' || code || ' (' || reason || ')' FROM refused ORDER BY number DESC LIMIT 1)
            FROM refused
            """);
        using var row = command.ExecuteReader();
        row.Read();
        (Kept, Ever, Bytes, Last) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3));
    }

    public void Add(TakenBatch batch, string code, string reason)
    {
        file.Execute("INSERT INTO refused (stream, sequence, readings, code, reason, payload) VALUES ($stream, $sequence, $readings, $code, $reason, $payload)",
            ("$stream", batch.Key.Stream), ("$sequence", batch.Key.Sequence), ("$readings", batch.Readings), ("$code", code), ("$reason", reason), ("$payload", batch.Payload));
        file.Execute("DELETE FROM refused WHERE number <= (SELECT max(number) FROM refused) - $most", ("$most", most));
        Load();
    }

    /// <summary>The sequences of a stream that are kept.</summary>
    public IReadOnlyList<long> Sequences(long stream)
    {
        using var command = file.Command("SELECT sequence FROM refused WHERE stream = $stream", ("$stream", stream));
        using var row = command.ExecuteReader();
        var sequences = new List<long>();
        while (row.Read())
        {
            sequences.Add(row.GetInt64(0));
        }

        return sequences;
    }

    /// <summary>Deletes the oldest until what is left takes at most that much, or is one.</summary>
    public void Evict(long bytes)
    {
        while (Bytes > bytes && Kept > 1)
        {
            file.Execute("DELETE FROM refused WHERE number = (SELECT min(number) FROM refused)");
            Load();
        }
    }
}
