using System.Runtime.InteropServices;

namespace MlOps.Edge.Contracts.Storage;

/// <summary>
/// Makes certain what a power cut may take although a process reads it: the name of a file or folder until the folder above it was synced, and
/// what a killed process has written and not synced.
/// </summary>
public static partial class Durable
{
    /// <summary>Makes a folder, and those above it that are missing, each with a name that stays.</summary>
    /// <exception cref="IOException">It cannot be made or synced.</exception>
    /// <exception cref="UnauthorizedAccessException">One above it is not writable.</exception>
    public static void CreateFolder(string path)
    {
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            missing.Push(folder);
        }

        Directory.CreateDirectory(path);
        foreach (var folder in missing)
        {
            SyncFolder(Path.GetDirectoryName(folder)!);
        }
    }

    /// <summary>The names in a folder are on the disk on return.</summary>
    /// <exception cref="IOException">It cannot be synced.</exception>
    public static void SyncFolder(string folder)
    {
        // Windows journals names itself; elsewhere a name is only as durable as its folder.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException($"The folder '{folder}' cannot be opened to sync it: error {Marshal.GetLastPInvokeError()}.");
        }

        var failed = Sync(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (failed)
        {
            throw new IOException($"The folder '{folder}' cannot be synced: error {error}.");
        }
    }

    /// <summary>
    /// What stands in the log beside an SQLite database, and its name, is on the disk on return. A process that was killed within a commit leaves
    /// one there that the next process takes for done, and speaks of, though no sync has ended. Call it before the database is opened.
    /// </summary>
    /// <param name="database">Its path; neither it nor a log need be there.</param>
    /// <exception cref="IOException">It cannot be synced.</exception>
    /// <exception cref="UnauthorizedAccessException">The log is not writable.</exception>
    public static void SyncLog(string database)
    {
        var log = database + "-wal";
        if (!File.Exists(log))
        {
            return;
        }

        using (var file = File.OpenHandle(log, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(database))!);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
