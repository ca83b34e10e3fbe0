using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Neighbouring batches that will never come, of one stream, as ranges of their original sequences.</summary>
internal sealed record Run(BatchKey First, long Last, long Readings, string Reason)
{
    public static Run Of(long stream, Gap gap) => new(new(stream, (long)gap.FirstSequence), (long)gap.LastSequence, (long)gap.Readings, gap.Reason);

    public Gap ToGap() => new() { FirstSequence = (ulong)First.Sequence, LastSequence = (ulong)Last, Readings = (ulong)Readings, Reason = Reason };
}

/// <summary>Collects <see cref="Run"/>s of batches that come in order.</summary>
internal sealed class Runs
{
    private readonly List<Run> _runs = [];

    public IReadOnlyList<Run> All => _runs;

    /// <summary>Runs of one stream in order, neighbours of one reason made one.</summary>
    public static IReadOnlyList<Run> Joined(IReadOnlyCollection<Run> runs)
    {
        var joined = new List<Run>();
        foreach (var run in runs.OrderBy(run => run.First))
        {
            if (joined is [.., var last] && last.Last + 1 == run.First.Sequence && last.Reason == run.Reason)
            {
                joined[^1] = last with { Last = run.Last, Readings = last.Readings + run.Readings };
            }
            else
            {
                joined.Add(run);
            }
        }

        return joined;
    }

    public void Add(BatchKey first, long last, long readings, string reason) => _runs.Add(new(first, last, readings, reason));

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
