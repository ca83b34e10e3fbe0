using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Host.Demo;

/// <summary>
/// The <c>--out</c> folder, held by one demo at a time: its marker is open for as long as the demo runs, and the system lets go of
/// it when the process ends, however it ends.
/// </summary>
internal sealed class DemoFolder : IDisposable
{
    private const string MarkerName = ".mlops-demo";

    private readonly string _path;
    private readonly FileStream _marker;

    private DemoFolder(string path, FileStream marker) => (_path, _marker) = (path, marker);

    /// <summary>Takes the folder, and empties it of an earlier run. A folder that holds something else is not touched.</summary>
    /// <exception cref="UserErrorException">It is not of a demo, another demo or cloud works in it, or it cannot be written.</exception>
    public static DemoFolder Take(string path, string dataFolder)
    {
        var marker = Path.Combine(path, MarkerName);
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !File.Exists(marker))
        {
            throw new UserErrorException($"The folder '{path}' is not empty and not of an earlier demo; choose another with --out.", ExitCodes.Conflict);
        }

        var folder = new DemoFolder(path, Open(CloudSettings.Writable(path, "--out"), marker));
        try
        {
            folder.Empty(dataFolder);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public void Dispose() => _marker.Dispose();

    private static FileStream Open(string path, string marker)
    {
        try
        {
            var held = new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            held.SetLength(0);
            held.Write("A run of the demo; the next one replaces this folder.\n"u8);
            held.Flush();
            return held;
        }
        catch (IOException e) when (File.Exists(marker))
        {
            throw InUse(path, "a demo that runs", e);
        }
    }

    private void Empty(string dataFolder)
    {
        // Someone may look around in what the earlier run left: its database goes only when no cloud holds it.
        var held = Path.Combine(dataFolder, SqliteDatabase.LockName);
        try
        {
            if (File.Exists(held))
            {
                using var free = new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
        }
        catch (IOException e)
        {
            throw InUse(_path, "a cloud that runs", e);
        }

        try
        {
            foreach (var entry in new DirectoryInfo(_path).EnumerateFileSystemInfos().Where(entry => entry.Name != MarkerName).ToList())
            {
                if (entry is DirectoryInfo { LinkTarget: null } folder)
                {
                    folder.Delete(recursive: true);
                }
                else
                {
                    entry.Delete();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The earlier run in '{_path}' cannot be removed ({e.Message}) Choose another with --out.");
        }
    }

    private static UserErrorException InUse(string path, string holder, IOException cause) =>
        new($"The folder '{path}' is in use by {holder}; stop that one, or choose another with --out.", ExitCodes.Conflict, cause);
}
