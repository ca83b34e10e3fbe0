using System.Runtime.InteropServices;

namespace MlOps.Edge.Cli.Usage;

/// <summary>What kind of thing a path names, where .NET only says that it is there.</summary>
internal static partial class UnixFile
{
    // statx(2); unlike stat's, its record is the same on every processor.
    private const int WorkingFolder = -100;
    private const uint TypeOnly = 1;
    private const int RecordBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;

    /// <summary>A device, FIFO or socket, also behind a link. Always false where the system is not Linux, or does not tell.</summary>
    public static bool IsSpecial(string path)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        return OperatingSystem.IsLinux() && Stat(WorkingFolder, path, 0, TypeOnly, record) == 0
            && (MemoryMarshal.Read<ushort>(record[ModeOffset..]) & TypeMask) is not (Regular or Folder);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, Span<byte> record);
}
