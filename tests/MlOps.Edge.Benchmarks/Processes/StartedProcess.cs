using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>A server that the benchmark started, and ends by its id.</summary>
internal sealed partial class StartedProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int LinesKept = 20;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(2);

    private readonly string _name;
    private readonly Process _process;
    private readonly Queue<string> _lastLines = [];
    private readonly Lock _gate = new();

    private StartedProcess(string name, Process process) => (_name, _process) = (name, process);

    public int Id => _process.Id;

    /// <param name="said">Called for each line that it writes.</param>
    public static StartedProcess Start(
        string name, string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null, Action<string>? said = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var (key, value) in environment ?? [])
        {
            start.Environment[key] = value;
        }

        var started = new StartedProcess(name, new Process { StartInfo = start });
        started._process.OutputDataReceived += (_, line) => started.Hear(line.Data, said);
        started._process.ErrorDataReceived += (_, line) => started.Hear(line.Data, said);
        started._process.Start();
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until something holds; fails when the process ends before.</summary>
    /// <param name="what">In words, as a clause.</param>
    /// <param name="holds">Asked again and again.</param>
    /// <param name="limit">Default: a minute.</param>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan? limit = null)
    {
        var (began, most) = (Stopwatch.StartNew(), limit ?? StartLimit);
        while (!await holds())
        {
            if (_process.HasExited || began.Elapsed > most)
            {
                throw new BenchmarkException($"{_name} {(_process.HasExited ? $"ended with {_process.ExitCode}" : $"took longer than {most.TotalSeconds} s")} before {what}. It said: {LastLines()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public Task ListensAsync(int port) => UntilAsync($"it listened on port {port}", () => Ports.IsOpenAsync(port));

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <exception cref="BenchmarkException">It did not end in order.</exception>
    public async Task StopAsync(params IEnumerable<int> goodCodes)
    {
        _ = SendSignal(_process.Id, SigTerm);
        await _process.WaitForExitAsync().WaitAsync(EndLimit, TimeProvider.System);
        if (!goodCodes.Append(0).Contains(_process.ExitCode))
        {
            throw new BenchmarkException($"{_name} ended with {_process.ExitCode}. It said: {LastLines()}");
        }
    }

    /// <summary>Waits for an end that comes by itself.</summary>
    /// <exception cref="BenchmarkException">It did not end in time, or not with 0.</exception>
    public async Task EndAsync(TimeSpan limit)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new BenchmarkException($"{_name} took longer than {limit.TotalSeconds} s. It said: {LastLines()}");
        }

        if (_process.ExitCode != 0)
        {
            throw new BenchmarkException($"{_name} ended with {_process.ExitCode}. It said: {LastLines()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Hear(string? line, Action<string>? said)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > LinesKept)
            {
                _lastLines.Dequeue();
            }
        }

        said?.Invoke(line);
    }

    private string LastLines()
    {
        lock (_gate)
        {
            return string.Join(" | ", _lastLines);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
