using System.Runtime.InteropServices;

namespace MlOps.Edge.Benchmarks.Store;

/// <summary>Makes the system forget what it has cached of files, so that a query reads them from the disk.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    /// <exception cref="BenchmarkException">The system refuses.</exception>
    public static void Forget(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            using var open = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(open); // what is not on disk yet is not forgotten
            if (Advise((int)open.DangerousGetHandle(), 0, 0, DontNeed) is not 0 and var error)
            {
                throw new BenchmarkException($"The page cache of '{file}' cannot be emptied (error {error}); a cold query cannot be measured here.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, long offset, long length, int advice);
}
