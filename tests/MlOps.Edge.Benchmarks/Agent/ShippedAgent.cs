using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>The agent as it is shipped: a folder with a native program, its libraries and its settings.</summary>
/// <param name="Folder">Where it is.</param>
internal sealed record ShippedAgent(string Folder)
{
    private const string Name = "MlOps.Edge.Agent";
    private const string Solution = "MlOps.Edge.sln";

    // Symbols are for whoever looks into a crash, not for a device.
    private static readonly string[] NotShipped = [".dbg", ".pdb"];

    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(10);

    public string Program => Path.Combine(Folder, Name);

    public string OnnxRuntime => Path.Combine(Folder, "libonnxruntime.so");

    /// <summary>Every file but debug symbols, by name.</summary>
    public IReadOnlyList<ShippedFile> Files =>
    [
        .. new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => !NotShipped.Contains(file.Extension))
            .Select(file => new ShippedFile(Path.GetRelativePath(Folder, file.FullName), file.Length))
            .OrderByDescending(file => file.Bytes),
    ];

    /// <param name="folder">An agent that is published already.</param>
    /// <exception cref="BenchmarkException">It is not there, or is not compiled ahead of time.</exception>
    public static ShippedAgent At(string folder)
    {
        var agent = new ShippedAgent(Path.GetFullPath(folder));
        return !File.Exists(agent.Program)
            ? throw new BenchmarkException($"--agent is '{folder}'; there is no {Name} in it. Leave it out to have the agent published.", BenchmarkException.Usage)
            : File.Exists($"{agent.Program}.dll")
                ? throw new BenchmarkException($"--agent is '{folder}'; what is in it needs the .NET runtime. Publish it with -r linux-x64 -p:PublishAot=true.", BenchmarkException.Usage)
                : agent;
    }

    /// <summary>Compiles this source tree's agent ahead of time, as <c>.ci/run</c> does; some two minutes.</summary>
    /// <exception cref="BenchmarkException">The source tree is not there, or what compiles it is missing.</exception>
    public static async Task<ShippedAgent> PublishAsync(string folder)
    {
        await using var publishing = StartedProcess.Start(
            "dotnet publish (it needs clang, lld and zlib1g-dev)", "dotnet", ["publish", Path.Combine("edge", Name), "-r", "linux-x64", "-p:PublishAot=true", "-o", folder, "--nologo"], folder: SourceTree());
        await publishing.EndAsync(PublishLimit);
        return At(folder);
    }

    private static string SourceTree()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, Solution)))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new BenchmarkException($"There is no {Solution} above '{AppContext.BaseDirectory}' to publish the agent from; give a published one with --agent.");
    }
}

/// <param name="Name">Below the folder.</param>
internal sealed record ShippedFile(string Name, long Bytes);
