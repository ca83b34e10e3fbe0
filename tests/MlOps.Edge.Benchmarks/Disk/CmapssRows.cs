using System.Globalization;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>NASA's recordings as they are: 26 numbers a row, of which the first two are the engine and its cycle, and the rest are readings.</summary>
internal static class CmapssRows
{
    public const string FileName = "train_FD001.txt";
    private const int KeyColumns = 2;
    private const int Channels = 24;

    public static Schema Schema { get; } = new() { Channels = { Enumerable.Range(1, Channels).Select(c => new SchemaChannel { Name = FormattableString.Invariant($"column-{c:00}"), Unit = "1" }) } };

    /// <summary><c>MLOPS_DATA</c>, else <c>shared/data</c> beside the repository or beside a folder it lies in.</summary>
    /// <returns>Null: there is none.</returns>
    public static string? Find()
    {
        List<string> places = [];
        if (Environment.GetEnvironmentVariable("MLOPS_DATA") is { Length: > 0 } given)
        {
            places.Add(given);
        }
        else
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                places.Add(Path.Combine(folder.FullName, "shared", "data"));
            }
        }

        return places.SelectMany(place => (string[])[Path.Combine(place, "cmapss", FileName), Path.Combine(place, FileName)]).FirstOrDefault(File.Exists);
    }

    /// <summary>The columns of one engine after the other.</summary>
    /// <exception cref="BenchmarkException">The file is no such file.</exception>
    public static IEnumerable<float[][]> Read(string path)
    {
        var rows = File.ReadLines(path).Select((line, number) => (Words: line.Split(' ', StringSplitOptions.RemoveEmptyEntries), number)).Where(row => row.Words.Length > 0);
        foreach (var engine in rows.GroupBy(row => row.Words[0]))
        {
            float[][] lines = [.. engine.Select(row => Parse(path, row.Words, row.number + 1))];
            yield return [.. Enumerable.Range(0, Channels).Select(c => Array.ConvertAll(lines, line => line[c]))];
        }
    }

    private static float[] Parse(string path, string[] words, int line)
    {
        var values = new float[Channels];
        for (var c = 0; c < Channels; c++)
        {
            if (words.Length != KeyColumns + Channels || !float.TryParse(words[KeyColumns + c], NumberStyles.Float, CultureInfo.InvariantCulture, out values[c]))
            {
                throw new BenchmarkException($"{path}, line {line}, is no row of {KeyColumns + Channels} numbers; download the C-MAPSS data set from NASA's prognostics repository again.");
            }
        }

        return values;
    }
}
