using MlOps.Edge.Agent;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>A folder of recordings, as given by <c>--data</c>. What lies in it says what it is.</summary>
internal static class RecordedFolder
{
    private const string CmapssFirst = "train_FD001.txt";
    private const string CmapssSecond = "train_FD003.txt";
    private const string CsvFirst = "first.csv";
    private const string CsvSecond = "second.csv";

    /// <exception cref="RecordingException">The folder or a file in it cannot be used.</exception>
    public static RecordedSource Open(string folder, long seed)
    {
        if (!Directory.Exists(folder))
        {
            throw new RecordingException($"{folder}: there is no such folder; give the folder of the recordings, or leave --data out to use the plant simulator") { EndsWith = ExitCode.NotFound };
        }

        var (cmapss, csv) = (Path.Combine(folder, CmapssFirst), Path.Combine(folder, CsvFirst));
        if (File.Exists(cmapss))
        {
            return new RecordedSource(CmapssFile.Read(cmapss), CmapssFile.Read(Path.Combine(folder, CmapssSecond)), seed);
        }

        if (File.Exists(csv))
        {
            var (first, other) = (CsvFile.Read(csv), Path.Combine(folder, CsvSecond));
            return new RecordedSource(first, File.Exists(other) ? CsvFile.ReadSame(first, other) : null, seed);
        }

        throw new RecordingException($"{folder}: neither {CmapssFirst} (NASA C-MAPSS) nor {CsvFirst} is in it; see docs/extend/plant-simulator.md for what a folder of recordings holds") { EndsWith = ExitCode.NotFound };
    }
}
