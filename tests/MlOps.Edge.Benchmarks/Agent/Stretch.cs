using System.Diagnostics;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>How long a process warms up and is measured, and what it showed.</summary>
internal sealed record Stretch(TimeSpan WarmUp, TimeSpan Length)
{
    private const double BytesPerMegabyte = 1e6;

    /// <summary>Watches processes side by side.</summary>
    /// <param name="programs">The id and the file of each.</param>
    /// <exception cref="BenchmarkException">One ended.</exception>
    public async Task<WatchedStretch> WatchAsync(IReadOnlyList<(int Id, string Program)> programs, CancellationToken cancellationToken)
    {
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);
        var (from, began) = (TimeProvider.System.GetUtcNow(), Stopwatch.GetTimestamp());
        double[] before = [.. programs.Select(program => ProcessSample.Of(program.Id).CpuSeconds)];
        await Task.Delay(Length, TimeProvider.System, cancellationToken);
        double[] after = [.. programs.Select(program => ProcessSample.Of(program.Id).CpuSeconds)];
        var (seconds, to) = (Stopwatch.GetElapsedTime(began).TotalSeconds, TimeProvider.System.GetUtcNow());
        return new(from, to, [.. programs.Select((program, i) => Figures(program, 100 * (after[i] - before[i]) / seconds))]);
    }

    private static FootprintFigures Figures((int Id, string Program) process, double percent)
    {
        var status = File.ReadAllText($"/proc/{process.Id}/status");
        return new()
        {
            RssMb = ProcessSample.ResidentOf(status) / BytesPerMegabyte,
            PeakRssMb = ProcessSample.PeakOf(status) / BytesPerMegabyte,
            CpuPercent = percent,
            Memory = MemoryMap.Of(process.Id, process.Program),
        };
    }
}

/// <param name="Processes">In their order.</param>
internal sealed record WatchedStretch(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<FootprintFigures> Processes);
