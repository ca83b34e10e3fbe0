using System.Diagnostics;
using System.Globalization;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>One agent on a state folder of its own, which it can be started on again and again.</summary>
internal sealed class MeasuredAgent(ShippedAgent shipped, string device, string state, int mqttPort, string recording, IReadOnlyList<string> more) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // What the agent logs after the first window that a model has judged.
    private const string FirstInference = "has judged its first window";

    private StartedProcess? _process;

    public int Id => _process!.Id;

    /// <summary>Starts it.</summary>
    /// <returns>The time from before the process was made to the line in its log that tells of the first inference; it ends when the agent does.</returns>
    public Task<TimeSpan> Start()
    {
        var first = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = Stopwatch.GetTimestamp();
        _process = StartedProcess.Start(
            $"the agent {device}", shipped.Program,
            ["--host", "127.0.0.1", "--port", mqttPort.ToString(CultureInfo.InvariantCulture), "--device", device, "--kind", RecordedLives.MachineKind, "--replay", recording, "--state", state, .. more],
            said: line =>
            {
                if (line.Contains(FirstInference, StringComparison.Ordinal))
                {
                    first.TrySetResult(Stopwatch.GetElapsedTime(began));
                }
            });
        return first.Task;
    }

    /// <inheritdoc cref="StartedProcess.UntilAsync"/>
    public Task UntilAsync(string what, Func<Task<bool>> holds) => _process!.UntilAsync(what, holds);

    /// <summary>Starts it and waits for its first inference.</summary>
    /// <exception cref="BenchmarkException">It ends, or a minute goes by, before.</exception>
    public async Task<TimeSpan> StartToInferenceAsync()
    {
        var first = Start();
        await UntilAsync("it had judged a window", () => Task.FromResult(first.IsCompleted));
        return await first;
    }

    /// <summary>Ends it in order and waits until the next frame is due, so that a start finds one.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _process!.StopAsync();
        await _process.DisposeAsync();
        _process = null;
        await Task.Delay(2 * Interval, TimeProvider.System, cancellationToken);
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
