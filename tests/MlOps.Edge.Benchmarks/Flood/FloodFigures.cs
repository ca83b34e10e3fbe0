using System.Text.Json.Serialization;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Flood;

/// <summary>What <c>flood</c> showed.</summary>
internal sealed record FloodFigures
{
    public required string Case { get; init; }

    /// <summary>Quiet ones.</summary>
    public required int Devices { get; init; }

    public required IReadOnlyList<FloodPair> Pairs { get; init; }

    /// <summary>Of the quiet devices' p99, flooded over quiet.</summary>
    public required double MedianRatio { get; init; }

    /// <summary>Of the same, flooded minus quiet.</summary>
    [JsonPropertyName("median_difference_ms")]
    public required double MedianDifferenceMs { get; init; }

    /// <summary>Of the cloud before the first flood, and at the end.</summary>
    public required long QuietPeakMemoryBytes { get; init; }

    public required long PeakMemoryBytes { get; init; }

    /// <summary>Of each flooding device, from the REST API.</summary>
    public required IReadOnlyList<string> QuarantineReasons { get; init; }

    public required IReadOnlyList<Limit> Limits { get; init; }
}

/// <summary>A quiet run and a flooded one beside it.</summary>
/// <param name="FloodMessages">That got out of the flooding device.</param>
internal sealed record FloodPair(
    [property: JsonPropertyName("quiet_p50_ms")] double QuietP50Ms, [property: JsonPropertyName("quiet_p99_ms")] double QuietP99Ms,
    [property: JsonPropertyName("flooded_p50_ms")] double FloodedP50Ms, [property: JsonPropertyName("flooded_p99_ms")] double FloodedP99Ms,
    long FloodMessages, long FloodBytes, int FloodConnections)
{
    public double Ratio => FloodedP99Ms / QuietP99Ms;
}
