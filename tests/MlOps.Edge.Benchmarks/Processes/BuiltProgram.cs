namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>A program that was built with the benchmarks.</summary>
internal static class BuiltProgram
{
    /// <exception cref="BenchmarkException">It was not.</exception>
    public static string PathOf(string project)
    {
        // artifacts/bin/<project>/<configuration>/ is where this program is, too.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, project);
        return File.Exists(path) ? path : throw new BenchmarkException($"{project} is not built: there is no '{path}'. Build it with 'dotnet build -c Release'.");
    }
}
