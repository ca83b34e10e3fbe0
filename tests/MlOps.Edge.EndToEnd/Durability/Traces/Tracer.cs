using System.Globalization;
using MlOps.Edge.EndToEnd.Durability.Disks;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>Records one program over its starts and ends: a log for each.</summary>
/// <param name="folder">Where the logs go.</param>
/// <param name="subject">The folder that the program writes to: what each process has left there is looked at before the next one starts.</param>
internal sealed class Tracer(string folder, string subject)
{
    private readonly List<string> _logs = [];
    private readonly List<Dictionary<string, byte[]?>> _left = [];

    /// <summary>For the next start; see <see cref="Strace.Start"/>.</summary>
    public int? KillAtSync { get; set; }

    public RunningProgram Start(string program, IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(folder);
        Look();
        _logs.Add(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_logs.Count + 1}.strace")));
        var kill = KillAtSync;
        KillAtSync = null;
        return Strace.Start(_logs[^1], kill, program, arguments);
    }

    /// <summary>All of it, once the last has ended.</summary>
    public async Task<Recording> ReadAsync()
    {
        Look();
        var recording = new Recording();
        foreach (var (log, left) in _logs.Zip(_left))
        {
            await Strace.WrittenAsync(log);
            recording.Add(log, left);
        }

        return recording;
    }

    /// <summary>Whether the process that has ended was killed in a sync of that file, and not in another one's.</summary>
    public async Task<bool> WasKilledInSyncAsync(string file)
    {
        await Strace.WrittenAsync(_logs[^1]);
        return new Recording().Add(_logs[^1], new Dictionary<string, byte[]?>()).IsKilledInSync(file);
    }

    private void Look()
    {
        if (_left.Count < _logs.Count)
        {
            _left.Add(Disk.Look(subject));
        }
    }
}
