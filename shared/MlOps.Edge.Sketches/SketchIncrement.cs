namespace MlOps.Edge.Sketches;

/// <summary>How many values fell into one bin of one channel in one stratum.</summary>
public readonly record struct SketchCell(int Stratum, int Channel, int Bin, long Count);

/// <summary>The sum of one channel's values that were not missing in one stratum, in steps (<see cref="ChannelBins.StepsOf"/>).</summary>
public readonly record struct SketchSum(int Stratum, int Channel, long Steps);

/// <summary>
/// What a device counted over consecutive frames of one installation. Increments add up: the merge is associative and
/// commutative and <see cref="Empty"/> is its neutral element, so that neither order nor grouping changes a figure.
/// </summary>
public sealed record SketchIncrement
{
    public static SketchIncrement Empty { get; } = new()
    {
        FirstFrame = long.MaxValue,
        LastFrame = -1,
        Rows = 0,
        Cells = [],
        Sums = [],
        LongestRuns = [],
    };

    /// <summary>The operating age of the first frame counted, in sample intervals since installation.</summary>
    public required long FirstFrame { get; init; }

    /// <summary>The operating age of the last frame counted.</summary>
    public required long LastFrame { get; init; }

    /// <summary>How many frames were counted. Fewer than the range spans where frames were lost.</summary>
    public required long Rows { get; init; }

    /// <summary>Ascending by stratum, channel, bin; never with a count of 0.</summary>
    public required SketchCell[] Cells { get; init; }

    /// <summary>Ascending by stratum, channel; never 0.</summary>
    public required SketchSum[] Sums { get; init; }

    /// <summary>
    /// By channel: the most consecutive identical values up to a frame of this increment, a run that began before it
    /// included. Merges by maximum.
    /// </summary>
    public required int[] LongestRuns { get; init; }

    /// <exception cref="OverflowException">A count has left the range of 64 bits.</exception>
    public static SketchIncrement Merge(SketchIncrement left, SketchIncrement right) => new()
    {
        FirstFrame = Math.Min(left.FirstFrame, right.FirstFrame),
        LastFrame = Math.Max(left.LastFrame, right.LastFrame),
        Rows = checked(left.Rows + right.Rows),
        Cells = Add(left.Cells, right.Cells, static c => (c.Stratum, c.Channel, c.Bin), static c => c.Count,
            static (c, count) => c with { Count = count }),
        Sums = Add(left.Sums, right.Sums, static s => (s.Stratum, s.Channel, 0), static s => s.Steps,
            static (s, steps) => s with { Steps = steps }),
        LongestRuns = Longest(left.LongestRuns, right.LongestRuns),
    };

    /// <summary>The compact form: a few hundred bytes for a block of 24 channels.</summary>
    public byte[] ToBytes() => SketchIncrementCodec.Encode(this);

    /// <exception cref="FormatException">The bytes are not an increment of <paramref name="spec"/>.</exception>
    public static SketchIncrement FromBytes(ReadOnlySpan<byte> bytes, SketchSpec spec) => SketchIncrementCodec.Decode(bytes, spec);

    public bool Equals(SketchIncrement? other) =>
        other is not null && FirstFrame == other.FirstFrame && LastFrame == other.LastFrame && Rows == other.Rows
        && Cells.AsSpan().SequenceEqual(other.Cells) && Sums.AsSpan().SequenceEqual(other.Sums)
        && LongestRuns.AsSpan().SequenceEqual(other.LongestRuns);

    public override int GetHashCode() => HashCode.Combine(FirstFrame, LastFrame, Rows, Cells.Length, Sums.Length);

    private static T[] Add<T>(T[] left, T[] right, Func<T, (int, int, int)> key, Func<T, long> value, Func<T, long, T> with)
    {
        var merged = new List<T>(left.Length + right.Length);
        int l = 0, r = 0;
        while (l < left.Length || r < right.Length)
        {
            var order = l == left.Length ? 1 : r == right.Length ? -1 : key(left[l]).CompareTo(key(right[r]));
            if (order < 0)
            {
                merged.Add(left[l++]);
            }
            else if (order > 0)
            {
                merged.Add(right[r++]);
            }
            else
            {
                var sum = checked(value(left[l]) + value(right[r++]));
                if (sum != 0)
                {
                    merged.Add(with(left[l], sum));
                }

                l++;
            }
        }

        return [.. merged];
    }

    private static int[] Longest(int[] left, int[] right)
    {
        var longest = new int[Math.Max(left.Length, right.Length)];
        for (var i = 0; i < longest.Length; i++)
        {
            longest[i] = Math.Max(i < left.Length ? left[i] : 0, i < right.Length ? right[i] : 0);
        }

        return longest;
    }
}
