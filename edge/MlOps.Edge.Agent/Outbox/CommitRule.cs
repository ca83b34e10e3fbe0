using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// When a batch is committed, and into which stream. While the cloud answers quickly a batch is young, so that it hears of the machine at
/// once; the later it answers, and the longer it says nothing, the larger the batches. Asked after every step. One caller at a time.
/// </summary>
internal sealed class CommitRule(OutboxOptions options, StreamChoice choice, InFlight inFlight, TimeProvider clock)
{
    private long? _since;

    /// <summary>Whether the batch has enough frames or bytes, or its first frame has waited long enough.</summary>
    public bool IsDue(OpenBatch batch)
    {
        choice.Choose();
        if (batch.IsEmpty)
        {
            _since = null;
            return false;
        }

        _since ??= clock.GetTimestamp();
        return batch.Frames >= options.BatchFrames || batch.Bytes >= options.MaxBatchBytes / 2 || clock.GetElapsedTime(_since.Value) >= BatchAge;
    }

    /// <summary>The kind of the stream for the batch that is committed now, and how long the first frame of it has waited.</summary>
    public (StreamKind Kind, TimeSpan Waited) Close()
    {
        var waited = _since is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;
        _since = null;
        return (choice.Choose(), waited);
    }

    // Twice the latency: no more than about two batches are on the way at a time.
    private TimeSpan BatchAge
    {
        get
        {
            var age = 2 * inFlight.Latency > choice.Silence ? 2 * inFlight.Latency : choice.Silence;
            return age < options.ShortestBatchAge ? options.ShortestBatchAge : age > options.LongestBatchAge ? options.LongestBatchAge : age;
        }
    }
}
