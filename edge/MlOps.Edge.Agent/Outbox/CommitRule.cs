using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>When a batch is committed, and into which stream. Asked after every step. One caller at a time.</summary>
internal sealed class CommitRule(OutboxOptions options, StreamChoice choice, TimeProvider clock)
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
        return batch.Frames >= options.BatchFrames || batch.Bytes >= options.MaxBatchBytes / 2 || clock.GetElapsedTime(_since.Value) >= options.BatchAge;
    }

    /// <summary>The kind of the stream for the batch that is committed now.</summary>
    public StreamKind Stream()
    {
        _since = null;
        return choice.Choose();
    }
}
