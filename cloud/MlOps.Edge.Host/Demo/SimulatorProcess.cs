using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Host.Demo;

/// <summary>The plant with its agents, in a process of its own. It is told where the cloud is, and speaks to it only over TCP.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private SimulatorProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Whether the plant can be drawn, before there is a cloud: the simulator reads its recordings and ends.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static async Task CheckAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        await using var check = Start(["check", .. World(options)]);
        await check.CompletedAsync(cancellationToken);
    }

    public static SimulatorProcess Start(DemoOptions options, CloudSettings cloud) => Start(
    [
        "story", .. World(options),
        "--cloud", cloud.Api.ToString(),
        "--broker", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{cloud.MqttPort}"),
        "--state", options.PlantFolder,
        "--end-with-input", // a host that is killed takes its plant along: see the redirected standard input
    ]);

    private static IEnumerable<string> World(DemoOptions options) =>
    [
        "--devices", options.Devices.ToString(CultureInfo.InvariantCulture),
        "--seed", options.Seed.ToString(CultureInfo.InvariantCulture),
        "--change", options.Change,
        .. options.Data is null ? Array.Empty<string>() : ["--data", options.Data],
    ];

    private static SimulatorProcess Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable())
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new(Process.Start(start) ?? throw new UserErrorException($"The simulator '{start.FileName}' did not start."));
    }

    /// <summary>What it says of its progress, line by line, until it ends.</summary>
    public async IAsyncEnumerable<PlantProgress> ProgressAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith('{'))
            {
                yield return JsonSerializer.Deserialize(line, PlantJson.Default.PlantProgress)
                    ?? throw new UserErrorException($"The simulator said '{line}', which is no progress line.");
            }
        }
    }

    /// <exception cref="UserErrorException">It failed: what it said, with its own exit code.</exception>
    public async Task CompletedAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        if (_process.ExitCode != ExitCodes.Ok)
        {
            throw Failure(_process.ExitCode, (await _errors).Trim());
        }
    }

    /// <summary>What the demo says of a plant that did not end well.</summary>
    /// <param name="said">All that stood on its standard error.</param>
    public static UserErrorException Failure(int exitCode, string said) => exitCode switch
    {
        // A mistake of the user's, which the simulator has explained.
        >= ExitCodes.Failure and <= ExitCodes.Conflict when said.Length > 0 => new(said, exitCode),

        // As shells count: .NET reports the end by a signal so.
        > 128 and <= 128 + 64 when !OperatingSystem.IsWindows() => new(string.Create(CultureInfo.InvariantCulture, $"The plant's process was ended by signal {exitCode - 128}{LastWords(said)}.")),
        _ => new(string.Create(CultureInfo.InvariantCulture, $"The plant's process ended with exit code {exitCode}{LastWords(said)}.")),
    };

    private static string LastWords(string said) => said.Split('\n', 2)[0].Trim() is { Length: > 0 } line ? $": {line.TrimEnd('.')}" : "";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    // Beside the host in a published folder, or in the build's own output folder.
    private static string Executable()
    {
        var name = OperatingSystem.IsWindows() ? "MlOps.Edge.Simulator.exe" : "MlOps.Edge.Simulator";
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string[] places =
        [
            Path.Combine(here.FullName, "simulator", name),
            Path.Combine(here.FullName, "..", "..", "MlOps.Edge.Simulator", here.Name, name),
        ];
        return places.FirstOrDefault(File.Exists) is { } found
            ? Path.GetFullPath(found)
            : throw new UserErrorException($"The simulator is not built: no '{name}' in {string.Join(" or ", places.Select(p => Path.GetDirectoryName(Path.GetFullPath(p))))}. Run 'dotnet build' first.");
    }
}

/// <summary>One line of the simulator's standard output.</summary>
/// <param name="Phase">history or field.</param>
/// <param name="Done">Steps done, of <paramref name="Of"/>.</param>
internal sealed record PlantProgress(string Phase, long Done, long Of, string? Note = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlantProgress))]
internal sealed partial class PlantJson : JsonSerializerContext;
