using System.Diagnostics;
using System.Globalization;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Peers;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>The agent's job in some hundred lines of Python: paho-mqtt, sqlite3, and the agent's own ONNX Runtime through ctypes; its broker is mosquitto.</summary>
internal sealed class PythonPeer(ShippedAgent shipped, AgentRunOptions options, WorkFolder folder)
{
    public const string Name = "python";

    private const string Said = "first inference";
    private const string Acknowledged = "acknowledged ";
    private const string Paho = "python3-paho-mqtt";

    /// <returns>Figures, or why there are none.</returns>
    public async Task<AgentPeer> RunAsync(DeployedModel model, string recording, CancellationToken cancellationToken)
    {
        try
        {
            return new(Name) { Figures = await MeasureAsync(model, recording, cancellationToken) };
        }
        catch (Exception e) when (e is PeerSkippedException or BenchmarkException)
        {
            return new(Name) { Skipped = e.Message };
        }
    }

    private async Task<FootprintFigures> MeasureAsync(DeployedModel model, string recording, CancellationToken cancellationToken)
    {
        var python = await Installed.PythonAsync("paho.mqtt.client", Paho, cancellationToken);
        await using var broker = await MosquittoBroker.StartAsync(folder.Path, cancellationToken);
        var script = PeerFiles.Write(PeerFiles.PythonAgent, folder.Path, PeerFiles.PythonAgent);
        await File.WriteAllBytesAsync(folder["model.onnx"], model.Onnx, cancellationToken);
        await File.WriteAllBytesAsync(folder["manifest.json"], model.Manifest, cancellationToken);
        string[] arguments =
        [
            script, shipped.OnnxRuntime, folder["model.onnx"], folder["manifest.json"], recording, folder["outbox.db"], broker.Port.ToString(CultureInfo.InvariantCulture),
        ];

        var starts = new List<double>();
        for (var start = 1; start < options.Starts; start++)
        {
            await using var started = await StartAsync(python, arguments, starts, _ => { });
            await started.StopAsync();
        }

        var acknowledged = 0;
        await using var process = await StartAsync(python, arguments, starts, line => acknowledged = int.Parse(line, CultureInfo.InvariantCulture));
        var watched = await options.Stretch.WatchAsync([new(process.Id, python, IsManaged: false)], cancellationToken);
        await process.StopAsync(); // it has said all by then
        return acknowledged < (watched.To - watched.From).TotalSeconds
            ? throw new BenchmarkException($"the broker has acknowledged only {acknowledged} of the peer's messages")
            : watched.Processes[0] with
            {
                StartMs = Percentile.Of([.. starts.Order()], 0.5),
                DiskMb = (await Installed.SizeOfAsync(Packages(python), cancellationToken) + new FileInfo(shipped.OnnxRuntime).Length + new FileInfo(script).Length) / 1e6,
            };
    }

    // What Debian installs for it: the interpreter, the parts of its library that are installed with it, sqlite and paho.
    private static IEnumerable<string> Packages(string python)
    {
        var name = Path.GetFileName(python);
        return [Paho, "python3-minimal", $"{name}-minimal", $"lib{name}-minimal", $"lib{name}-stdlib", "libsqlite3-0"];
    }

    private static async Task<StartedProcess> StartAsync(string python, string[] arguments, List<double> starts, Action<string> acknowledged)
    {
        var first = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = Stopwatch.GetTimestamp();
        var process = StartedProcess.Start("the peer in Python", python, arguments, said: line =>
        {
            if (line == Said)
            {
                first.TrySetResult(Stopwatch.GetElapsedTime(began));
            }
            else if (line.StartsWith(Acknowledged, StringComparison.Ordinal))
            {
                acknowledged(line[Acknowledged.Length..]);
            }
        });
        await process.UntilAsync("it had judged a window", () => Task.FromResult(first.Task.IsCompleted));
        starts.Add((await first.Task).TotalMilliseconds);
        return process;
    }
}
