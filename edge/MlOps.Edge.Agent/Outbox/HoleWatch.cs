using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Holes in what the cloud has of our streams that nothing here can fill: it was restored from a backup, and lacks what it once acknowledged. A
/// hole counts when a second acknowledgement shows it, some time after the first, that knows of later batches than that: one which was held up on
/// its way shows holes that are long filled. One caller at a time.
/// </summary>
/// <param name="apart">The least time between the two.</param>
internal sealed class HoleWatch(TimeSpan apart, TimeProvider clock)
{
    private readonly Dictionary<long, IReadOnlyList<Hole>> _seen = [];

    /// <summary>Streams whose holes have been seen long enough ago, and that need another acknowledgement. Each is named once until it has come.</summary>
    public IReadOnlyList<long> TakeUnsure()
    {
        long[] unsure = [.. _seen.Where(stream => stream.Value.Any(hole => IsOld(hole) && !hole.IsAsked)).Select(stream => stream.Key)];
        foreach (var stream in unsure)
        {
            _seen[stream] = [.. _seen[stream].Select(hole => hole with { IsAsked = hole.IsAsked || IsOld(hole) })];
        }

        return unsure;
    }

    /// <summary>How long until <see cref="TakeUnsure"/> may have any; infinite: there are none.</summary>
    public TimeSpan UntilUnsure => _seen.Values.SelectMany(holes => holes).Where(hole => !hole.IsAsked).Select(hole => apart - clock.GetElapsedTime(hole.Since))
        .Select(left => left > TimeSpan.Zero ? left : TimeSpan.Zero).DefaultIfEmpty(Timeout.InfiniteTimeSpan).Min();

    /// <summary>Takes what an acknowledgement shows of a stream.</summary>
    /// <param name="reach">The last sequence that it knows of.</param>
    /// <param name="holes">Ascending; those that nothing here can fill.</param>
    /// <returns>Those that count now. They are named once.</returns>
    public IReadOnlyList<SequenceRange> Look(long stream, long reach, IReadOnlyList<SequenceRange> holes)
    {
        var before = _seen.GetValueOrDefault(stream, []);
        var known = before.SelectMany(hole => SequenceRanges.Both([hole.Range], holes).Select(range => hole with { Range = range, IsAsked = false })).ToArray();
        var added = SequenceRanges.Without(holes, before.Select(hole => hole.Range)).Select(range => new Hole(range, reach, clock.GetTimestamp(), IsAsked: false));
        var sure = known.Where(hole => IsOld(hole) && reach > hole.Reach).ToArray();
        _seen[stream] = [.. known.Except(sure).Concat(added)];
        if (_seen[stream].Count == 0)
        {
            _seen.Remove(stream);
        }

        return [.. sure.Select(hole => hole.Range).OrderBy(range => range.First)];
    }

    private bool IsOld(Hole hole) => clock.GetElapsedTime(hole.Since) >= apart;

    /// <param name="Reach">The last sequence that the acknowledgement knew of which showed it first.</param>
    /// <param name="Since">When that was.</param>
    /// <param name="IsAsked">Another acknowledgement is on the way.</param>
    private sealed record Hole(SequenceRange Range, long Reach, long Since, bool IsAsked);
}
