namespace MlOps.Edge.Sketches;

/// <summary>
/// How one channel is counted. With E ascending edges there are E + 2 bins: bin i holds the values of
/// <c>[edge i-1, edge i)</c>, the first and the last of them are open ends (values that training never saw),
/// and one more, <see cref="MissingBin"/>, holds NaN.
/// </summary>
public sealed record ChannelBins
{
    /// <summary>Key packing on the wire leaves six bits for a bin.</summary>
    public const int MostEdges = 62;

    /// <summary>Sums are kept in 64ths of <see cref="Scale"/>, so that they are integers and merge exactly.</summary>
    public const int StepsPerScale = 64;

    private const int LargestStep = 1 << 20;

    /// <summary>The channel's name in the model definition.</summary>
    public required string Name { get; init; }

    /// <summary>Strictly ascending, finite, in the channel's unit; 1 to 62 of them.</summary>
    public required float[] Edges { get; init; }

    /// <summary>Where the sums' zero lies, in the channel's unit.</summary>
    public required float Center { get; init; }

    /// <summary>The sums' unit: a positive spread of the channel at training, in the channel's unit.</summary>
    public required float Scale { get; init; }

    /// <summary>All bins, the one for missing values included.</summary>
    public int Bins => Edges.Length + 2;

    public int MissingBin => Edges.Length + 1;

    public int BinOf(float value)
    {
        if (float.IsNaN(value))
        {
            return MissingBin;
        }

        var at = Array.BinarySearch(Edges, value);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>The value in whole steps of Scale / 64 from the centre, clamped so that a wild value cannot overflow a sum.</summary>
    public int StepsOf(float value) =>
        (int)Math.Clamp(Math.Round(((double)value - Center) / Scale * StepsPerScale), -LargestStep, LargestStep);

    /// <summary>Says what is wrong with this channel, or null.</summary>
    public string? Fault()
    {
        if (Edges.Length is 0 or > MostEdges)
        {
            return $"channel '{Name}' has {Edges.Length} bin edges; 1 to {MostEdges} are allowed";
        }

        for (var i = 0; i < Edges.Length; i++)
        {
            if (!float.IsFinite(Edges[i]) || (i > 0 && Edges[i] <= Edges[i - 1]))
            {
                return $"channel '{Name}': bin edge {i} is not finite or not above the edge before it";
            }
        }

        return float.IsFinite(Center) && float.IsFinite(Scale) && Scale > 0
            ? null
            : $"channel '{Name}': the centre must be finite and the scale positive";
    }

    public bool Equals(ChannelBins? other) =>
        other is not null && Name == other.Name && Center.Equals(other.Center) && Scale.Equals(other.Scale)
        && Edges.AsSpan().SequenceEqual(other.Edges);

    public override int GetHashCode() => HashCode.Combine(Name, Edges.Length, Center, Scale);
}
