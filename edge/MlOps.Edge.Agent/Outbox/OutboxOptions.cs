namespace MlOps.Edge.Agent.Outbox;

/// <summary>How readings gather, rest and go.</summary>
internal sealed class OutboxOptions
{
    /// <summary>Frames in a batch, over all machines; then it is committed. Default: 240.</summary>
    public int BatchFrames { get; set; } = 240;

    /// <summary>The longest that a frame waits for its batch to be committed: what a power cut may take. Default: 5 seconds.</summary>
    public TimeSpan BatchAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most that waits for the cloud; beyond it the oldest make room for a gap record. Default: 256 MiB.</summary>
    public long MaxBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Batches on the way at a time, not yet acknowledged by the cloud. Default: 64.</summary>
    public int Window { get; set; } = 64;

    /// <summary>How long a batch waits for its acknowledgement before it goes again; doubles up to 16 times. Default: 5 seconds.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
