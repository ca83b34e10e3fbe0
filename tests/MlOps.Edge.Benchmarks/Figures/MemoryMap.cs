using System.Globalization;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>What a part of a process's memory is.</summary>
/// <param name="What">In words.</param>
/// <param name="RssMb">Resident, in millions of bytes; the parts add up to the process's <c>VmRSS</c>.</param>
/// <param name="PssMb">The same where a page that n processes share counts for an n-th.</param>
/// <param name="AnonymousMb">Of the resident part, what no file holds.</param>
internal sealed record MemoryPart(string What, double RssMb, double PssMb, double AnonymousMb);

/// <summary>
/// Tells from <c>/proc/PID/smaps</c> (man 5 proc) what memory is. What a file holds is told by its name; of the rest only the place tells: glibc's heaps beside
/// the first are aligned to 64 MiB and as large, a stack lies on a page that nobody may touch, and .NET's heap is within a reservation far larger than it.
/// </summary>
internal static class MemoryMap
{
    private const long Arena = 64L << 20;
    private const long Reservation = 32L << 20;
    private const long Page = 4096;
    private const long SmallestStack = 1L << 20;
    private const double BytesPerMegabyte = 1e6;

    /// <summary>The parts of a process, largest first.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="program">The process's own file.</param>
    /// <param name="isManaged">It has a heap of .NET.</param>
    /// <exception cref="BenchmarkException">The process has ended.</exception>
    public static IReadOnlyList<MemoryPart> Of(int process, string program, bool isManaged)
    {
        try
        {
            return Of(File.ReadAllLines($"/proc/{process}/smaps"), program, isManaged);
        }
        catch (IOException e)
        {
            throw new BenchmarkException($"A process that is measured has ended ({e.Message}); see what it said above.");
        }
    }

    public static IReadOnlyList<MemoryPart> Of(IEnumerable<string> smaps, string program, bool isManaged)
    {
        var mappings = MemoryMapping.Parse(smaps);
        return
        [
            .. mappings.Select((mapping, i) => (Mapping: mapping, What: NameOf(mappings, i, program, isManaged)))
                .GroupBy(one => one.What, one => one.Mapping)
                .Select(group => new MemoryPart(group.Key, Megabytes(group.Sum(m => m.Rss)), Megabytes(group.Sum(m => m.Pss)), Megabytes(group.Sum(m => m.Anonymous))))
                .Where(part => part.RssMb > 0)
                .OrderByDescending(part => part.RssMb),
        ];
    }

    private static double Megabytes(long bytes) => Math.Round(bytes / BytesPerMegabyte, 3);

    private static string NameOf(IReadOnlyList<MemoryMapping> all, int i, string program, bool isManaged)
    {
        var mapping = all[i];
        var before = i > 0 ? all[i - 1] : null;
        if (mapping.Path.Length > 0)
        {
            return OfFile(mapping.Path, program);
        }

        // What a file wants to have as zeros follows it.
        if (before is { Path: ['/', ..] } && before.To == mapping.From)
        {
            return OfFile(before.Path, program);
        }

        return IsArena(all, i) ? "native heap"
            : before is { IsGuard: true, Size: Page } && before.To == mapping.From && mapping.Size >= SmallestStack ? "stacks"
            : isManaged && RunAround(all, i) > Reservation ? "managed heap"
            : "native heap";
    }

    private static string OfFile(string path, string program) => path == program ? "program"
        : path == "[heap]" ? "native heap"
        : path == "[stack]" ? "stacks"
        : path.Contains("onnxruntime", StringComparison.Ordinal) ? "ONNX Runtime's library"
        : path.Contains("sqlite3", StringComparison.Ordinal) || path.EndsWith("-shm", StringComparison.Ordinal) ? "SQLite's library and index"
        : "system libraries";

    private static bool IsArena(IReadOnlyList<MemoryMapping> all, int i)
    {
        var mapping = all[i];
        return mapping.From % Arena == 0 && !mapping.IsGuard
            && (mapping.Size == Arena || (i + 1 < all.Count && all[i + 1] is { IsGuard: true, Path: "" } rest && rest.From == mapping.To && rest.To == mapping.From + Arena));
    }

    // How much lies without a gap around a mapping that no file holds, heaps of glibc left out.
    private static long RunAround(IReadOnlyList<MemoryMapping> all, int i)
    {
        var (first, last) = (i, i);
        while (first > 0 && all[first - 1] is { Path: "" } before && before.To == all[first].From && !IsArena(all, first - 1))
        {
            first--;
        }

        while (last + 1 < all.Count && all[last + 1] is { Path: "" } next && next.From == all[last].To && !IsArena(all, last + 1))
        {
            last++;
        }

        return all[last].To - all[first].From;
    }
}

/// <summary>One mapping; sizes and places in bytes.</summary>
/// <param name="IsGuard">Nobody may touch it.</param>
/// <param name="Path">A file, a name in brackets, or nothing.</param>
internal sealed record MemoryMapping(long From, long To, bool IsGuard, string Path)
{
    public long Size => To - From;

    public long Rss { get; private init; }

    public long Pss { get; private init; }

    public long Anonymous { get; private init; }

    public static IReadOnlyList<MemoryMapping> Parse(IEnumerable<string> smaps)
    {
        var mappings = new List<MemoryMapping>();
        foreach (var line in smaps)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                var place = words[0].Split('-');
                mappings.Add(new(Address(place[0]), Address(place[1]), words[1].StartsWith("---", StringComparison.Ordinal), string.Join(' ', words.Skip(5))));
                continue;
            }

            mappings[^1] = words[0] switch
            {
                "Rss:" => mappings[^1] with { Rss = Kilobytes(words[1]) },
                "Pss:" => mappings[^1] with { Pss = Kilobytes(words[1]) },
                "Anonymous:" => mappings[^1] with { Anonymous = Kilobytes(words[1]) },
                _ => mappings[^1],
            };
        }

        return mappings;
    }

    // The kernel's own page on x86-64 is beyond what a signed number has.
    private static long Address(string hex) => unchecked((long)ulong.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static long Kilobytes(string number) => long.Parse(number, CultureInfo.InvariantCulture) * 1024;
}
