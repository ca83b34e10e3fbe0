namespace MlOps.Edge.Agent.Outbox;

/// <summary>Where a batch stands: the stream's ordinal on this device, and the sequence within it.</summary>
internal readonly record struct BatchKey(long Stream, long Sequence) : IComparable<BatchKey>
{
    public int CompareTo(BatchKey other) => Stream != other.Stream ? Stream.CompareTo(other.Stream) : Sequence.CompareTo(other.Sequence);
}

/// <summary>A committed batch: the bytes that are sent, now and again.</summary>
internal sealed record StoredBatch(BatchKey Key, byte[] Payload);

/// <summary>What a stored batch is to the outbox. The numbers rest in the file.</summary>
internal enum BatchState
{
    Waiting = 0,

    /// <summary>Tells of batches that will never come; never evicted itself.</summary>
    Gap = 1,

    /// <summary>Has only schemas, that the cloud asked for; never evicted.</summary>
    Dictionary = 3,

    /// <summary>Has nothing: its acknowledgement says what the cloud has of the stream. Never evicted.</summary>
    Question = 4,
}
