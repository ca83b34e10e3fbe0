using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MlOps.Edge.EndToEnd.Processes;

/// <summary>The product's executables, as they were built with these tests.</summary>
internal static class BuiltProgram
{
    public const string Host = "MlOps.Edge.Host";
    public const string Simulator = "MlOps.Edge.Simulator";
    public const string Agent = "MlOps.Edge.Agent";
    public const string Cli = "MlOps.Edge.Cli";

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>The agent with a sensor that a test can be.</summary>
    public const string LedgerAgent = "MlOps.Edge.LedgerAgent";

    /// <summary>Starts one; what it says is collected.</summary>
    public static RunningProgram Start(string program, params IEnumerable<string> arguments) => StartFile(program, PathOf(program), Nothing, arguments);

    /// <summary>Starts one with more in its environment.</summary>
    public static RunningProgram StartIn(IReadOnlyDictionary<string, string> environment, string program, params IEnumerable<string> arguments) =>
        StartFile(program, PathOf(program), environment, arguments);

    /// <summary>Starts a program that is not ours.</summary>
    public static RunningProgram StartFile(string name, string path, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new(name, Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start."));
    }

    /// <summary>Starts one by way of a command that becomes it.</summary>
    public static RunningProgram StartUnder(IReadOnlyList<string> command, string program, params IEnumerable<string> arguments) =>
        StartFile(program, command[0], Nothing, [.. command.Skip(1), PathOf(program), .. arguments]);

    /// <summary>Runs one to its end.</summary>
    public static async Task<ProgramResult> RunAsync(string program, params IEnumerable<string> arguments)
    {
        await using var running = Start(program, arguments);
        return await running.EndAsync();
    }

    // artifacts/bin/<project>/<configuration>/ is where these tests are, too.
    private static string PathOf(string program)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(here.Parent!.Parent!.FullName, program, here.Name, program == Cli ? "mlops" : program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{program} is not built: there is no '{path}'.");
    }
}

/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>A process that the test started, and ends by its id.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(3);

    private readonly string _name;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task<string> _error;
    private readonly Task _output;
    private bool _disposed;

    public RunningProgram(string name, Process process)
    {
        (_name, _process) = (name, process);
        _error = process.StandardError.ReadToEndAsync();
        _output = ReadAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Waits until it has said a line that contains the words; fails when it ends before.</summary>
    public Task SaidAsync(string words) => Wait.UntilAsync($"{_name} says '{words}'", async () =>
    {
        if (_lines.Any(line => line.Contains(words, StringComparison.Ordinal)))
        {
            return true;
        }

        Assert.False(_process.HasExited && _output.IsCompleted, _process.HasExited ? $"{_name} ended with {_process.ExitCode}: {await _error}" : "");
        return false;
    });

    /// <summary>SIGKILL: no goodbye, nothing is finished.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM, as a service manager would.</summary>
    public async Task<ProgramResult> StopAsync()
    {
        _ = SendSignal(_process.Id, SigTerm);
        return await EndAsync();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<ProgramResult> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(EndLimit, TimeProvider.System);
        await _output;
        return new(_process.ExitCode, string.Join('\n', _lines), await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
