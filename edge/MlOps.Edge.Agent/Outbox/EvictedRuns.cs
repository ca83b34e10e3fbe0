using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>What a stored batch is to the outbox. The numbers rest in the file.</summary>
internal enum BatchState
{
    Waiting = 0,

    /// <summary>Tells of batches that will never come; never evicted itself.</summary>
    Gap = 1,

    /// <summary>The cloud will never store it; kept for whoever wants to look.</summary>
    Quarantined = 2,
}

/// <summary>Neighbouring batches that made room, told as ranges of their original sequences.</summary>
internal sealed class EvictedRuns
{
    private readonly List<Run> _runs = [];

    public IReadOnlyList<Run> All => _runs;

    public void Add(BatchKey key, long readings, bool refused)
    {
        if (_runs is [.., var last] && last.Stream == key.Stream && last.Last + 1 == key.Sequence && last.Refused == refused)
        {
            _runs[^1] = last with { Last = key.Sequence, Readings = last.Readings + readings };
            return;
        }

        _runs.Add(new(key.Stream, key.Sequence, key.Sequence, readings, refused));
    }

    internal sealed record Run(long Stream, long First, long Last, long Readings, bool Refused)
    {
        public Gap ToGap() => new() { FirstSequence = (ulong)First, LastSequence = (ulong)Last, Readings = (ulong)Readings, Reason = "the outbox was full" };
    }
}
