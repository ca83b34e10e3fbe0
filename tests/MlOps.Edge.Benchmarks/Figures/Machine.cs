using System.Globalization;
using System.Runtime.InteropServices;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>What the figures are from, as far as it can be read here.</summary>
/// <param name="LoadAverage">Of the last minute, when the benchmark began: what else the machine did.</param>
internal sealed record Machine(string Processor, int Processors, double MemoryGigabytes, string OperatingSystem, string Runtime, double LoadAverage)
{
    public static Machine Read() => new(
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown",
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));

    public override string ToString() => FormattableString.Invariant(
        $"{Processor}, {Processors} processors, {MemoryGigabytes} GB, {OperatingSystem}, {Runtime}; load average {LoadAverage} when it began");
}
