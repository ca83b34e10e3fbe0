using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Agent.Models;

/// <summary>Replaces a file so that a power cut leaves either the old one or the new one, whole.</summary>
internal static class DurableFile
{
    /// <summary>Writes beside, syncs, renames, syncs the folder.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var beside = path + ".new";
        using (var file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write, preallocationSize: content.Length))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(beside, path, overwrite: true);
        Durable.SyncFolder(Path.GetDirectoryName(path)!);
    }
}
