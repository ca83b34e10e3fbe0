using System.Globalization;
using System.Runtime.InteropServices;

namespace MlOps.Edge.Agent;

/// <summary>
/// What starting and loading a model leave behind in a process that goes on for months: garbage in the old generations, which so few allocations would
/// hardly ever have collected; free memory in the middle of glibc's heaps; and pages of programs and libraries that were needed once.
/// </summary>
internal static partial class LeftoverMemory
{
    private const int DontNeed = 4; // MADV_DONTNEED, <asm-generic/mman-common.h>

    /// <summary>Gives it back to the system; some tens of milliseconds. Never throws: a system without one of the ways keeps what it has.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = TrimHeaps(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc keeps less behind.
        }

        // The kernel reads again what is needed again; until it wants the room for something else it has it at hand.
        foreach (var (address, bytes) in CleanFiles(Mappings()))
        {
            _ = Advise(address, bytes, DontNeed);
        }
    }

    /// <summary>Mappings of files that cannot be written to and of which no page differs from the file: nothing is lost with them.</summary>
    /// <param name="smaps">As <c>/proc/PID/smaps</c> has it (man 5 proc).</param>
    public static IEnumerable<(nint Address, nuint Bytes)> CleanFiles(IEnumerable<string> smaps)
    {
        string[]? head = null;
        foreach (var line in smaps)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [not [.., ':'], ..])
            {
                head = words;
            }
            else if (words is ["Anonymous:", "0", ..] && head is [var place, "r-xp" or "r--p", _, _, _, ['/', ..], ..])
            {
                var ends = place.Split('-');
                var (from, to) = (long.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                yield return ((nint)from, (nuint)(to - from));
            }
        }
    }

    private static string[] Mappings()
    {
        try
        {
            return File.ReadAllLines("/proc/self/smaps");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // a kernel may be built without it
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeaps(nuint leave);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint bytes, int advice);
}
