using System.Diagnostics;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests;

/// <summary>The agent as its user meets it: a process.</summary>
public sealed class ProgramTests : IDisposable
{
    // Names a binary that was compiled ahead of time, to meet instead of the one beside the tests.
    private const string NativeVariable = "MLOPS_AGENT_BINARY";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-program-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Recording()
    {
        var file = Path.Combine(_folder, "pump.csv");
        File.WriteAllText(file, "flow[L/min],temperature[Cel]\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},{i}\n")));
        return file;
    }

    private Process Start(params string[] arguments)
    {
        var native = Environment.GetEnvironmentVariable(NativeVariable);
        var start = new ProcessStartInfo(native ?? "dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        };
        if (native is null)
        {
            start.ArgumentList.Add(typeof(AgentOptions).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Where ONNX Runtime would leave its traces.
        start.Environment["HOME"] = start.Environment["XDG_CACHE_HOME"] = start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start)!;
    }

    private async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output;
        return (process.ExitCode, error.Trim());
    }

    public static TheoryData<string[], int, string> Mistakes => new()
    {
        { ["--prot", "1883"], 2, "no option '--prot'" },
        { ["--port", "70000"], 2, "between 1 and 65535" },
        { ["--port", "many"], 2, "Link:Port (--port) is 'many'; it must be a whole number, e.g. 20." },
        { ["--interval", "x"], 2, "(--interval) is 'x'; it must be a duration as [d.]hh:mm:ss, e.g. 00:00:05." },
        { ["--Outbox:MaxBatchBytes", "100"], 2, "at least 1024" },
        { ["--Outbox:RefusedKept", "0"], 2, "Outbox:RefusedKept is 0" },
        { ["--Outbox:LongestBatchAge", "00:00:00.5"], 2, "the second at least as long" },
        { ["--Outbox:BacklogAfter", "0"], 2, "-00:00:00.001 for never" },
        { ["--Outbox:BatchAge", "00:00:05"], 2, "no option '--Outbox:BatchAge'" },
        { ["--port"], 2, "needs a value" },
        { ["--device", "Pump 7"], 2, "Device is 'Pump 7'" },
        { ["--replay", "/nowhere/pump.csv"], 3, "/nowhere/pump.csv" },
        { ["--Sensing:Assets:0:Sensors:0:Driver", "gpoi"], 2, "choose one of replay" },
        { ["--Models:TrustedKeys:0", "/nowhere/key.pem"], 3, "/nowhere/key.pem" },
        { ["--state", ""], 2, "--state is empty" },
        { ["--group="], 2, "--group is empty" },
        { ["--state", "/proc/nowhere"], 1, "cannot be written" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_one_clear_line_and_the_right_exit_code(string[] arguments, int code, string line)
    {
        string[] usual = ["--state", Path.Combine(_folder, "state"), "--replay", Recording(), "--kind", "pump"];
        var result = await RunAsync([.. usual, .. arguments]);
        Assert.Equal(code, result.Code);
        Assert.Contains(line, result.Error);
        Assert.DoesNotContain('\n', result.Error);
    }

    [Fact]
    public async Task A_device_appears_streams_gets_its_model_and_predicts_and_leaves_no_telemetry_behind()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        var model = ModelPackage.Create(change: m => m with { SampleInterval = TimeSpan.FromMilliseconds(50), Budget = new(1000, 1L << 40) });
        await model.PublishAsync(cloud);
        using var process = Start("--host", "127.0.0.1", "--port", $"{cloud.Port}", "--device", "pump-07", "--kind", "pump", "--replay", Recording(), "--state", Path.Combine(_folder, "state"),
            "--interval", "00:00:00.050", "--Outbox:ShortestBatchAge", "00:00:00.200");
        var drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        try
        {
            await cloud.UntilAsync(() => cloud.Status is { Online: true }, ct);
            await cloud.DesireAsync(TestAgent.Device, new() { Epoch = 1, Active = model.Pointer });
            await cloud.UntilAsync(() => cloud.Batches.Any(b => b.Predictions.Count > 0) && cloud.Reported is { Active.Version: 1 }, ct);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(ct);
            await drained;
        }

        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "home"), "*", SearchOption.AllDirectories), IsTelemetry);
    }

    // ONNX Runtime would keep a device id and a database under the home's cache, and a .ses file in the temporary folder.
    private static bool IsTelemetry(string path) => path.EndsWith(".ses", StringComparison.Ordinal)
        || path.Contains("onnx", StringComparison.OrdinalIgnoreCase) || path.Contains("microsoft", StringComparison.OrdinalIgnoreCase);
}
