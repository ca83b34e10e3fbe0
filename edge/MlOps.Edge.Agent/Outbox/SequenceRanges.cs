using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Sets of sequences, as ranges in ascending order that do not touch each other.</summary>
internal static class SequenceRanges
{
    /// <summary>What an acknowledgement leaves out between what it names.</summary>
    public static IReadOnlyList<SequenceRange> Holes(StreamAcknowledgement acknowledgement)
    {
        var (holes, through) = (new List<SequenceRange>(), acknowledgement.Through);
        foreach (var above in acknowledgement.Above.OrderBy(range => range.First))
        {
            if (above.First > through + 1)
            {
                holes.Add(new(through + 1, above.First - 1));
            }

            through = Math.Max(through, above.Last);
        }

        return holes;
    }

    /// <summary>What is in both.</summary>
    public static IEnumerable<SequenceRange> Both(IEnumerable<SequenceRange> ranges, IReadOnlyCollection<SequenceRange> others) =>
        from range in ranges
        from other in others
        where other.First <= range.Last && range.First <= other.Last
        select new SequenceRange(Math.Max(range.First, other.First), Math.Min(range.Last, other.Last));

    /// <summary>What is in the ranges and in none of the others, which may come in any order.</summary>
    public static IReadOnlyList<SequenceRange> Without(IEnumerable<SequenceRange> ranges, IEnumerable<SequenceRange> others)
    {
        List<SequenceRange> left = [.. ranges];
        foreach (var other in others)
        {
            left = [.. left.SelectMany(range => Without(range, other))];
        }

        return left;
    }

    private static IEnumerable<SequenceRange> Without(SequenceRange range, SequenceRange other)
    {
        if (other.Last < range.First || other.First > range.Last)
        {
            yield return range;
            yield break;
        }

        if (range.First < other.First)
        {
            yield return range with { Last = other.First - 1 };
        }

        if (range.Last > other.Last)
        {
            yield return range with { First = other.Last + 1 };
        }
    }
}
