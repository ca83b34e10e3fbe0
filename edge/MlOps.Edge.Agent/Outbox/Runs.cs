using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Neighbouring batches that will never come, of one stream, as ranges of their original sequences.</summary>
internal sealed record Run(BatchKey First, long Last, long Readings, string Reason)
{
    public Gap ToGap() => new() { FirstSequence = (ulong)First.Sequence, LastSequence = (ulong)Last, Readings = (ulong)Readings, Reason = Reason };
}

/// <summary>Collects <see cref="Run"/>s of batches that come in order.</summary>
internal sealed class Runs
{
    private readonly List<Run> _runs = [];

    public IReadOnlyList<Run> All => _runs;

    public void Add(BatchKey key, long readings, string reason)
    {
        if (_runs is [.., var last] && last.First.Stream == key.Stream && last.Last + 1 == key.Sequence && last.Reason == reason)
        {
            _runs[^1] = last with { Last = key.Sequence, Readings = last.Readings + readings };
            return;
        }

        _runs.Add(new(key, key.Sequence, readings, reason));
    }
}
