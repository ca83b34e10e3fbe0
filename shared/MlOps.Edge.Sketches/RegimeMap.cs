namespace MlOps.Edge.Sketches;

/// <summary>Which operating regime a frame belongs to: the nearest centroid over the settings channels.</summary>
public sealed record RegimeMap
{
    /// <summary>One regime for all frames.</summary>
    public static RegimeMap One { get; } = new() { Channels = [], Scales = [], Centroids = [[]] };

    /// <summary>The settings channels' positions in a frame.</summary>
    public required int[] Channels { get; init; }

    /// <summary>What each setting is divided by before distances are taken, in the setting's unit.</summary>
    public required float[] Scales { get; init; }

    /// <summary>One centre per regime, in the settings' units, in the order of <see cref="Channels"/>.</summary>
    public required float[][] Centroids { get; init; }

    /// <summary>The regime of the training mean: where a frame goes whose settings are missing.</summary>
    public int Fallback { get; init; }

    public int Count => Centroids.Length;

    public int RegimeOf(ReadOnlySpan<float> frame)
    {
        if (Count == 1)
        {
            return 0;
        }

        var (nearest, least) = (Fallback, double.PositiveInfinity);
        for (var regime = 0; regime < Count; regime++)
        {
            var distance = 0.0;
            for (var i = 0; i < Channels.Length; i++)
            {
                var apart = ((double)frame[Channels[i]] - Centroids[regime][i]) / Scales[i];
                distance += apart * apart;
            }

            // NaN compares false with everything: a missing setting leaves the fallback standing.
            if (distance < least)
            {
                (nearest, least) = (regime, distance);
            }
        }

        return nearest;
    }

    /// <summary>Says what is wrong with this map for frames of <paramref name="channels"/> values, or null.</summary>
    public string? Fault(int channels)
    {
        if (Count is 0 or > 64 || Scales.Length != Channels.Length || Centroids.Any(c => c.Length != Channels.Length))
        {
            return "the regimes need 1 to 64 centroids, with one value per settings channel each";
        }

        if (Channels.Any(c => c < 0 || c >= channels) || Scales.Any(s => !float.IsFinite(s) || s <= 0)
            || Centroids.Any(c => c.Any(v => !float.IsFinite(v))))
        {
            return "the regimes name a channel that is not there, or have a scale that is not positive or a centroid that is not finite";
        }

        return Fallback >= 0 && Fallback < Count ? null : $"the fallback regime {Fallback} is not one of {Count}";
    }

    public bool Equals(RegimeMap? other) =>
        other is not null && Fallback == other.Fallback && Channels.AsSpan().SequenceEqual(other.Channels)
        && Scales.AsSpan().SequenceEqual(other.Scales) && Count == other.Count
        && Centroids.Zip(other.Centroids).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    public override int GetHashCode() => HashCode.Combine(Fallback, Channels.Length, Count);
}
