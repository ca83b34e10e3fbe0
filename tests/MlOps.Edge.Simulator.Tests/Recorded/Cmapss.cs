using MlOps.Edge.Simulator.Recorded;

namespace MlOps.Edge.Simulator.Tests.Recorded;

/// <summary>The real recordings, where they are to be had; a test that needs them is skipped where they are not.</summary>
internal static class Cmapss
{
    private static readonly Lazy<(Recording First, Recording Second)> Recordings = new(() =>
        (CmapssFile.Read(Path.Combine(Folder(), "train_FD001.txt")), CmapssFile.Read(Path.Combine(Folder(), "train_FD003.txt"))));

    /// <summary>What <see cref="RecordedFolder.Open"/> makes of the folder, the files read once for all tests.</summary>
    public static RecordedSource Open(long seed) => new(Recordings.Value.First, Recordings.Value.Second, seed);

    public static string Folder() => Places().FirstOrDefault(place => File.Exists(Path.Combine(place, "train_FD001.txt"))) is { } folder
        ? folder
        : Missing();

    /// <summary><c>MLOPS_DATA</c>, else <c>shared/data</c> beside the repository or beside a folder it lies in.</summary>
    private static IEnumerable<string> Places()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_DATA") is { Length: > 0 } given)
        {
            yield return Path.Combine(given, "cmapss");
            yield break;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared", "data", "cmapss");
        }
    }

    private static string Missing()
    {
        Assert.Skip("skipped: no C-MAPSS recordings in MLOPS_DATA or ../shared/data");
        return "";
    }
}
