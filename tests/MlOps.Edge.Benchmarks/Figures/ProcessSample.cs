using System.Globalization;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>What a process has used since it began.</summary>
/// <param name="CpuSeconds">User and system, all threads.</param>
/// <param name="PeakBytes">The most memory that was resident.</param>
internal sealed record ProcessSample(double CpuSeconds, long PeakBytes)
{
    // USER_HZ, which Linux fixes at 100 for what it shows of processes (man 5 proc, "clock ticks").
    private const double TicksPerSecond = 100;

    public static ProcessSample None { get; } = new(0, 0);

    /// <summary>Reads <c>/proc/PID</c>; several processes add up.</summary>
    /// <exception cref="BenchmarkException">A process has ended.</exception>
    public static ProcessSample Of(params IEnumerable<int> processes)
    {
        try
        {
            return processes.Select(id => new ProcessSample(CpuOf(File.ReadAllText($"/proc/{id}/stat")), PeakOf(File.ReadAllText($"/proc/{id}/status"))))
                .Aggregate(None, (a, b) => a + b);
        }
        catch (IOException e)
        {
            throw new BenchmarkException($"A process that is measured has ended ({e.Message}); see what it said above.");
        }
    }

    public static ProcessSample operator +(ProcessSample one, ProcessSample other) => new(one.CpuSeconds + other.CpuSeconds, one.PeakBytes + other.PeakBytes);

    /// <summary>User and system time of a line of <c>/proc/PID/stat</c>, seconds.</summary>
    public static double CpuOf(string stat) => Seconds(stat, 11);

    /// <summary>That of the children for whose end it has waited, seconds.</summary>
    public static double WaitedOf(string stat) => Seconds(stat, 13);

    /// <summary>Both.</summary>
    public static double CpuWithWaitedOf(string stat) => CpuOf(stat) + WaitedOf(stat);

    /// <summary>The high-water mark of a <c>/proc/PID/status</c>, bytes.</summary>
    public static long PeakOf(string status) => BytesOf(status, "VmHWM");

    /// <summary>What is resident now, by a <c>/proc/PID/status</c>, bytes.</summary>
    public static long ResidentOf(string status) => BytesOf(status, "VmRSS");

    /// <param name="name">Of a line of <c>/proc/PID/status</c> that is in kB.</param>
    /// <exception cref="InvalidOperationException">There is no such line: the process has ended.</exception>
    public static long BytesOf(string status, string name)
    {
        var line = status.Split('\n').First(l => l.StartsWith($"{name}:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    // The name may hold blanks and brackets; what follows the last bracket is field 3.
    private static double Seconds(string stat, int first)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[first], CultureInfo.InvariantCulture) + long.Parse(fields[first + 1], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
