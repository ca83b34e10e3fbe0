using System.Diagnostics;
using System.Globalization;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>Programs and packages of the peers, installed where they are missing and can be.</summary>
internal static class Installed
{
    // Another Python in the path has not Debian's modules.
    private const string DebianPython = "/usr/bin/python3";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>The path of a program; its Debian package is installed where that is possible.</summary>
    /// <exception cref="PeerSkippedException">It is not to be had.</exception>
    public static async Task<string> ProgramAsync(string program, string package, CancellationToken cancellationToken)
    {
        if (Find(program) is { } path)
        {
            return path;
        }

        await InstallAsync(program, package, cancellationToken);
        return Find(program) ?? throw new PeerSkippedException($"{program} is not in the Debian package '{package}'");
    }

    /// <summary>Debian's Python, with a module that a Debian package brings; it is installed where that is possible.</summary>
    /// <returns>The interpreter's own path.</returns>
    /// <exception cref="PeerSkippedException">It is not to be had.</exception>
    public static async Task<string> PythonAsync(string module, string package, CancellationToken cancellationToken)
    {
        if (!File.Exists(DebianPython))
        {
            await InstallAsync(DebianPython, "python3-minimal", cancellationToken);
        }

        try
        {
            await RunAsync(DebianPython, ["-c", $"import {module}"], null, [], cancellationToken);
        }
        catch (PeerSkippedException)
        {
            await InstallAsync($"Python's module {module}", package, cancellationToken);
        }

        return File.ResolveLinkTarget(DebianPython, returnFinalTarget: true)?.FullName ?? DebianPython;
    }

    /// <summary>What Debian packages take on disk, in bytes.</summary>
    /// <exception cref="PeerSkippedException">One is not installed.</exception>
    public static async Task<long> SizeOfAsync(IEnumerable<string> packages, CancellationToken cancellationToken)
    {
        var kilobytes = await RunAsync("dpkg-query", ["-W", "-f", "${Installed-Size}\\n", .. packages], null, [], cancellationToken);
        return kilobytes.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(line => long.Parse(line, CultureInfo.InvariantCulture)) * 1024;
    }

    /// <summary>A folder with a peer's bridge and its npm packages, which are kept from run to run.</summary>
    /// <param name="name">Of the peer's files.</param>
    /// <param name="root">Where the folders of all peers are.</param>
    public static async Task<string> BridgeAsync(string name, string root, CancellationToken cancellationToken)
    {
        var npm = Find("npm") ?? throw new PeerSkippedException("npm is not installed; install Node.js with npm");
        var folder = Path.Combine(root, name);
        PeerFiles.Write($"{name}.package.json", folder, "package.json");
        PeerFiles.Write($"{name}.mjs", folder, "bridge.mjs");
        if (!File.Exists(Path.Combine(folder, "installed")))
        {
            await Console.Error.WriteLineAsync($"Installing npm packages for the peer '{name}' in {folder}; once, and minutes where one must be compiled.");
            await RunAsync(npm, ["install", "--no-audit", "--no-fund", "--no-package-lock"], folder, [], cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "installed"), "", cancellationToken);
        }

        return folder;
    }

    public static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task InstallAsync(string what, string package, CancellationToken cancellationToken)
    {
        if (Find("apt-get") is not { } apt || Environment.UserName != "root")
        {
            throw new PeerSkippedException($"{what} is not installed; install it (on Debian the package '{package}')");
        }

        // Run level 1: the package's own service is not started.
        await Console.Error.WriteLineAsync($"Installing the Debian package '{package}' for a peer.");
        await RunAsync(apt, ["install", "-y", "-qq", "--no-install-recommends", package], null, [new("RUNLEVEL", "1"), new("DEBIAN_FRONTEND", "noninteractive")], cancellationToken);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="PeerSkippedException">It failed; the message has its last line.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string? folder, IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new PeerSkippedException($"{program} does not start");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode != 0)
            {
                throw new PeerSkippedException($"'{Path.GetFileName(program)} {string.Join(' ', arguments)}' failed: {LastLine(await error, await output)}");
            }

            return await output;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new PeerSkippedException($"'{Path.GetFileName(program)} {string.Join(' ', arguments)}' took longer than {Limit.TotalMinutes} minutes");
        }
    }

    private static string LastLine(params IEnumerable<string> texts) =>
        texts.Select(text => text.Trim().Split('\n')[^1].Trim()).FirstOrDefault(line => line.Length > 0) ?? "it says nothing";
}
