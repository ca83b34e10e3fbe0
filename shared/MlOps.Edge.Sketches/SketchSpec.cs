using System.Security.Cryptography;
using System.Text.Json;

namespace MlOps.Edge.Sketches;

/// <summary>
/// All that a device needs in order to count, frozen when a model version is trained: bin edges by channel, and the
/// strata, which are operating regime × band of operating age. Machines that age together shift without drifting, so
/// like is only ever compared with like.
/// </summary>
public sealed record SketchSpec
{
    /// <summary>The channels of a frame, in order.</summary>
    public required ChannelBins[] Channels { get; init; }

    public required RegimeMap Regimes { get; init; }

    /// <summary>
    /// Ascending ages, in sample intervals since installation, at which a new band begins; the first band begins at 0
    /// and the last one is open. <c>[50, 100]</c> makes the bands 0-49, 50-99 and 100 on.
    /// </summary>
    public required long[] AgeEdges { get; init; }

    /// <summary>An increment is due each time that the age reaches a multiple of this many sample intervals.</summary>
    public required int Block { get; init; }

    public int Bands => AgeEdges.Length + 1;

    public int Strata => Regimes.Count * Bands;

    public int BandOf(long age)
    {
        var at = Array.BinarySearch(AgeEdges, age);
        return at >= 0 ? at + 1 : ~at;
    }

    public int StratumOf(ReadOnlySpan<float> frame, long age) => (Regimes.RegimeOf(frame) * Bands) + BandOf(age);

    public int RegimeOfStratum(int stratum) => stratum / Bands;

    public int BandOfStratum(int stratum) => stratum % Bands;

    /// <summary>The canonical bytes: what <see cref="Digest"/> is taken over and what crosses the wire.</summary>
    public byte[] ToBytes() => SketchSpecCodec.Encode(this);

    /// <exception cref="FormatException">The bytes are not a sketch specification of a version known here, or its values make no sense.</exception>
    public static SketchSpec FromBytes(ReadOnlySpan<byte> bytes) => SketchSpecCodec.Decode(bytes).Checked();

    /// <summary>SHA-256 of the canonical bytes: increments name the specification that they were counted against by it.</summary>
    public byte[] Digest() => SHA256.HashData(ToBytes());

    public string ToJson() => JsonSerializer.Serialize(this, SketchJson.Default.SketchSpec);

    /// <exception cref="FormatException">The text is not a sketch specification, or its values make no sense.</exception>
    public static SketchSpec FromJson(string json)
    {
        try
        {
            return (JsonSerializer.Deserialize(json, SketchJson.Default.SketchSpec)
                ?? throw new FormatException("The sketch specification is empty.")).Checked();
        }
        catch (JsonException e)
        {
            throw new FormatException($"The sketch specification is not readable: {e.Message}", e);
        }
    }

    /// <summary>This specification, if it makes sense.</summary>
    /// <exception cref="FormatException">It does not; the message names the first fault.</exception>
    public SketchSpec Checked() =>
        Fault() is { } fault ? throw new FormatException($"The sketch specification is not usable: {fault}.") : this;

    private string? Fault()
    {
        if (Channels.Length is 0 or > 4096)
        {
            return $"it has {Channels.Length} channels; 1 to 4096 are allowed";
        }

        if (Block is < 1 or > 1_000_000)
        {
            return $"its block of {Block} frames is not between 1 and 1,000,000";
        }

        if (AgeEdges.Length > 255 || AgeEdges.Where((edge, i) => edge <= (i == 0 ? 0 : AgeEdges[i - 1])).Any())
        {
            return "its age edges are not above 0 and ascending, or more than 255";
        }

        return Channels.Select(c => c.Fault()).FirstOrDefault(f => f is not null) ?? Regimes.Fault(Channels.Length);
    }

    public bool Equals(SketchSpec? other) =>
        other is not null && Block == other.Block && Regimes.Equals(other.Regimes)
        && AgeEdges.AsSpan().SequenceEqual(other.AgeEdges) && Channels.SequenceEqual(other.Channels);

    public override int GetHashCode() => HashCode.Combine(Block, Channels.Length, AgeEdges.Length, Regimes);
}
