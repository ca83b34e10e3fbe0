using System.Diagnostics;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>A file system of a few megabytes in memory, that can be filled to the last byte and emptied again.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Filler = "filler";
    private readonly TestFolder _folder = new();

    private SmallDisk()
    {
    }

    /// <summary>Where a program may write.</summary>
    public string Folder => _folder["disk/data"];

    /// <summary>Skips the test where this machine does not allow it.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        var place = Directory.CreateDirectory(disk._folder["disk"]).FullName;
        if (!Environment.IsPrivilegedProcess || Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", place) != 0)
        {
            disk._folder.Dispose();
            Assert.Skip("a small file system in memory (tmpfs) cannot be mounted here: that needs root");
        }

        Directory.CreateDirectory(disk.Folder);
        return disk;
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var file = new FileStream(_folder[$"disk/{Filler}"], FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[1 << 20, 1 << 12, 1])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Not that many any more.
            }
        }
    }

    public void MakeRoom() => File.Delete(_folder[$"disk/{Filler}"]);

    public void Dispose()
    {
        Assert.Equal(0, Run("umount", _folder["disk"]));
        _folder.Dispose();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
