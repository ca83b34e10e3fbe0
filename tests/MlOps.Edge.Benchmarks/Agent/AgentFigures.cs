using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>What one process showed that samples, judges and keeps, over the measured stretch.</summary>
internal record FootprintFigures
{
    /// <summary>Resident at the end of the stretch (<c>VmRSS</c>), in millions of bytes.</summary>
    public required double RssMb { get; init; }

    /// <summary>The most that was ever resident (<c>VmHWM</c>), in millions of bytes.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>From before the process was made to its first inference, in milliseconds; the median of several starts. Null: not measured.</summary>
    public double? StartMs { get; init; }

    /// <summary>What it takes on disk, in millions of bytes. Null: not measured.</summary>
    public double? DiskMb { get; init; }

    /// <summary>User and system time in the stretch, in percent of one processor.</summary>
    public required double CpuPercent { get; init; }

    /// <summary>What of the memory is what.</summary>
    public required IReadOnlyList<MemoryPart> Memory { get; init; }
}

/// <summary>The agent.</summary>
internal sealed record AgentFigures : FootprintFigures
{
    /// <summary>Each start, in milliseconds.</summary>
    public required IReadOnlyList<double> StartsMs { get; init; }

    public required IReadOnlyList<ShippedFile> Files { get; init; }

    /// <summary>Frames of the stretch that are in the cloud's store.</summary>
    public required int Frames { get; init; }

    /// <summary>Of these, frames with a prediction of the model in the cloud's store.</summary>
    public required int Predictions { get; init; }

    public required int ModelBytes { get; init; }
}

/// <summary>The same job done by something else in the same run.</summary>
internal sealed record AgentPeer(string Name)
{
    public FootprintFigures? Figures { get; init; }

    /// <summary>Why there are no figures; null: there are.</summary>
    public string? Skipped { get; init; }
}
