using System.Text.Json.Serialization;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>What one case of <c>ingest</c> showed.</summary>
internal sealed record CaseFigures
{
    public required string Case { get; init; }

    public required string Load { get; init; }

    public required double ReadingsPerSecond { get; init; }

    /// <summary>Of the server processes.</summary>
    public required double CpuSecondsPerMillion { get; init; }

    public required double GeneratorCpuSecondsPerMillion { get; init; }

    /// <summary>On disk, after compaction.</summary>
    public required double BytesPerReading { get; init; }

    public required double BytesPerReadingAsIngested { get; init; }

    /// <summary>What the rollups take beside it.</summary>
    public required double RollupBytesPerReading { get; init; }

    /// <summary>Of rollups and compaction, after the load.</summary>
    public required double UpkeepCpuSecondsPerMillion { get; init; }

    /// <summary>From publication to the persisted acknowledgement.</summary>
    [JsonPropertyName("p50_ms")]
    public required double P50Ms { get; init; }

    [JsonPropertyName("p99_ms")]
    public required double P99Ms { get; init; }

    public required long PeakMemoryBytes { get; init; }

    /// <summary>Readings that were found in the store, each once and as published.</summary>
    public required long ReadingsVerified { get; init; }

    public IReadOnlyList<PeerFigures> Peers { get; init; } = [];

    public IReadOnlyList<Limit> Limits { get; init; } = [];
}

/// <summary>What the same load showed of another system in the same run.</summary>
internal sealed record PeerFigures(string Name)
{
    public double? CpuSecondsPerMillion { get; init; }

    public double? ReadingsPerSecond { get; init; }

    public double? BytesPerReading { get; init; }

    public long? PeakMemoryBytes { get; init; }

    /// <summary>Why there are no figures; null: there are.</summary>
    public string? Skipped { get; init; }
}

/// <summary>What a figure is held against.</summary>
/// <param name="What">In words.</param>
/// <param name="Value">Measured.</param>
/// <param name="AtMost">The bound, or null.</param>
/// <param name="AtLeast">The bound, or null.</param>
internal sealed record Limit(string What, double Value, double? AtMost = null, double? AtLeast = null)
{
    public bool Held => !(Value > AtMost) && !(Value < AtLeast);
}
