namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>The peers' code and settings, as they lie in <c>Peers/Files</c>.</summary>
internal static class PeerFiles
{
    public const string PythonAgent = "python-agent.py";

    /// <summary>Of the peers of <c>ingest</c>.</summary>
    public static IReadOnlyList<string> Names => ["mosquitto.conf", "influxdb.conf", "influxdb.package.json", "influxdb.mjs", "better-sqlite3.package.json", "better-sqlite3.mjs"];

    /// <summary>Of the peer of <c>agent</c>.</summary>
    public static IReadOnlyList<string> OfAgent => ["mosquitto.conf", PythonAgent];

    /// <summary>Prints files with their names.</summary>
    public static void Show(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Console.WriteLine($"===== {name}\n{Text(name)}");
        }
    }

    public static string Text(string name)
    {
        using var stream = typeof(PeerFiles).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in this program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Writes one of them, with values for what stands in braces.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string name, string folder, string path, params IEnumerable<(string Name, object Value)> values)
    {
        var text = values.Aggregate(Text(name), (t, value) => t.Replace($"{{{value.Name}}}", FormattableString.Invariant($"{value.Value}"), StringComparison.Ordinal));
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(folder);
        File.WriteAllText(file, text);
        return file;
    }
}
