namespace MlOps.Edge.Host.Tests.Monitoring;

internal static class Documentation
{
    /// <summary>A page of docs/, as it is in the repository.</summary>
    public static string Page(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlOps.Edge.sln")))
            {
                return File.ReadAllText(Path.Combine(folder.FullName, "docs", name));
            }
        }

        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}
