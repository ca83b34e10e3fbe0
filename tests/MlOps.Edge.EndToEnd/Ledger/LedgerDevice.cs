using System.Globalization;
using MlOps.Edge.Contracts;
using MlOps.Edge.EndToEnd.Plant;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>An agent as a process, on a state folder that stays the same over restarts, with the bench that it reads.</summary>
/// <param name="number">Of the device, from 0.</param>
/// <param name="folder">The agent's state.</param>
/// <param name="brokerPort">Where it finds the broker.</param>
/// <param name="options">Keys and values beside the usual ones.</param>
/// <param name="environment">Beside the usual one.</param>
internal sealed class LedgerDevice(int number, string folder, int brokerPort, IReadOnlyDictionary<string, string>? options = null, IReadOnlyDictionary<string, string>? environment = null)
    : IAsyncDisposable
{
    /// <summary>Between two readings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    // Short, so that a minute has what otherwise a day has: commits, repeats, backlogs, lost connections.
    private static readonly Dictionary<string, string> Usual = new()
    {
        ["Outbox:ShortestBatchAge"] = "00:00:00.2",
        ["Outbox:LongestBatchAge"] = "00:00:01",
        ["Outbox:AckTimeout"] = "00:00:00.5",
        ["Outbox:BacklogAfter"] = "00:00:02",
        ["Link:FirstRetry"] = "00:00:00.1",
        ["Link:LongestRetry"] = "00:00:00.5",
        ["Link:KeepAlive"] = "00:00:01",
        ["Link:Timeout"] = "00:00:03",
        ["Sensing:Assets:0:MachineKind"] = "bench",
        ["Sensing:Assets:0:Sensors:0:Driver"] = "bench",
    };

    private RunningProgram? _process;

    public int Number => number;

    public MachineBench Bench { get; } = new(number);

    public DeviceId Id { get; } = DeviceId.Parse(string.Create(CultureInfo.InvariantCulture, $"ledger-{number}"));

    public AssetId Asset => AssetId.Parse(Id.ToString());

    public string Folder => folder;

    /// <summary>Of its process.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it has committed and what of that waits; null: nothing yet.</summary>
    public (UnitRef Unit, long Age, long Pending)? Outbox => OutboxOf.Look(folder, Asset);

    public void Start() => _process = BuiltProgram.StartIn(environment ?? new Dictionary<string, string>(), BuiltProgram.LedgerAgent, [.. Arguments()]);

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async Task StopAsync()
    {
        var ended = await _process!.StopAsync();
        await _process.DisposeAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Error);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await Bench.DisposeAsync();
    }

    private IEnumerable<string> Arguments()
    {
        yield return "--device";
        yield return Id.ToString();
        var own = new Dictionary<string, string>(Usual)
        {
            ["StateFolder"] = folder,
            ["Link:Host"] = "127.0.0.1",
            ["Link:Port"] = Text(brokerPort),
            ["Sensing:Assets:0:SampleInterval"] = Interval.ToString("c", CultureInfo.InvariantCulture),
            ["Sensing:Assets:0:Sensors:0:Settings:Port"] = Text(Bench.Port),
            ["Sensing:Assets:0:Sensors:0:Settings:Channels"] = Text(MachineBench.Channels),
        };
        foreach (var (key, value) in own.Concat(options ?? new Dictionary<string, string>()))
        {
            yield return $"--{key}";
            yield return value;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
