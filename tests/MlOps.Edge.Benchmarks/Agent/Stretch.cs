using System.Diagnostics;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>How long a process warms up and is measured, and what it showed.</summary>
internal sealed record Stretch(TimeSpan WarmUp, TimeSpan Length)
{
    private const double BytesPerMegabyte = 1e6;

    /// <summary>Watches processes side by side.</summary>
    /// <exception cref="BenchmarkException">One ended.</exception>
    public async Task<WatchedStretch> WatchAsync(IReadOnlyList<WatchedProgram> programs, CancellationToken cancellationToken)
    {
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);
        var (from, began) = (TimeProvider.System.GetUtcNow(), Stopwatch.GetTimestamp());
        double[] before = [.. programs.Select(program => ProcessSample.Of(program.Id).CpuSeconds)];
        await Task.Delay(Length, TimeProvider.System, cancellationToken);
        double[] after = [.. programs.Select(program => ProcessSample.Of(program.Id).CpuSeconds)];
        var (seconds, to) = (Stopwatch.GetElapsedTime(began).TotalSeconds, TimeProvider.System.GetUtcNow());
        return new(from, to, [.. programs.Select((program, i) => Figures(program, 100 * (after[i] - before[i]) / seconds))]);
    }

    private static FootprintFigures Figures(WatchedProgram program, double percent)
    {
        var status = File.ReadAllText($"/proc/{program.Id}/status");
        return new()
        {
            RssMb = ProcessSample.ResidentOf(status) / BytesPerMegabyte,
            PeakRssMb = ProcessSample.PeakOf(status) / BytesPerMegabyte,
            CpuPercent = percent,
            Memory = MemoryMap.Of(program.Id, program.File, program.IsManaged),
        };
    }
}

/// <param name="Processes">In their order.</param>
internal sealed record WatchedStretch(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<FootprintFigures> Processes);

/// <param name="Id">Of the process.</param>
/// <param name="File">What it runs.</param>
/// <param name="IsManaged">It has a heap of .NET.</param>
internal sealed record WatchedProgram(int Id, string File, bool IsManaged);
