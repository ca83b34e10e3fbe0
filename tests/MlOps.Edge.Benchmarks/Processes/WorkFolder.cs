namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>A temporary folder that goes with the case.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-bench-");

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>For a server that runs as another user in a folder below; nobody can list it.</summary>
    public void LetOthersEnter()
    {
        if (!OperatingSystem.IsWindows())
        {
            _folder.UnixFileMode |= UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Bytes of all files below a folder.</summary>
    public static long SizeOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
