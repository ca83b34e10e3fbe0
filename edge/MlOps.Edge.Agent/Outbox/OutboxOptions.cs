namespace MlOps.Edge.Agent.Outbox;

/// <summary>How readings gather, rest and go.</summary>
internal sealed class OutboxOptions
{
    /// <summary>Frames in a batch, over all machines; then it is committed. Default: 240.</summary>
    public int BatchFrames { get; set; } = 240;

    /// <summary>
    /// How long the first frame of a batch waits until the batch is committed and sent, while the cloud answers at once. Default: 1 second.
    /// </summary>
    public TimeSpan ShortestBatchAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same when the cloud answers late or not at all, or the link is down: batches grow with that, so that the storage wears less. The most
    /// that a power cut may take. Default: 30 seconds.
    /// </summary>
    public TimeSpan LongestBatchAge { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The most that waits for the cloud, in bytes of payload. From eight tenths on the oldest of the backlog become summaries by the minute; what
    /// still has no room goes, the oldest first, and a gap record says so. Default: 256 MiB.
    /// </summary>
    public long MaxBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long a batch waits for the cloud, counted while an agent runs; then a gap record takes its place. Default: 90 days.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(90);

    /// <summary>
    /// The largest batch that the brokers on the way take, in bytes; what a broker says itself counts too. A batch is closed at half of it;
    /// one that is larger all the same is kept aside. Default: 1 MiB.
    /// </summary>
    public int MaxBatchBytes { get; set; } = 1024 * 1024;

    /// <summary>What waits in memory while the storage is full or fails, in bytes; of what falls out a gap tells. Default: 8 MiB.</summary>
    public long HeldBytes { get; set; } = 8L * 1024 * 1024;

    /// <summary>Refused batches that are kept aside, the newest. Default: 100.</summary>
    public int RefusedKept { get; set; } = 100;

    /// <summary>Batches on the way at a time, not yet acknowledged by the cloud. Default: 64.</summary>
    public int Window { get; set; } = 64;

    /// <summary>
    /// How long the link may be down, or silent, until new batches go into the backlog's stream and no more into the live one. -00:00:00.001: for
    /// ever, all goes into the live one. Default: 30 seconds.
    /// </summary>
    public TimeSpan BacklogAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a batch waits for its acknowledgement before it goes again; doubles up to 16 times. Default: 5 seconds.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
