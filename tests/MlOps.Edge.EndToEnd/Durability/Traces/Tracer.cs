using System.Globalization;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>Records one program over its starts and ends: a log for each.</summary>
internal sealed class Tracer(string folder)
{
    private readonly List<string> _logs = [];

    /// <summary>For the next start; see <see cref="Strace.Start"/>.</summary>
    public int? KillAtSync { get; set; }

    public RunningProgram Start(string program, IEnumerable<string> arguments)
    {
        Directory.CreateDirectory(folder);
        _logs.Add(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{_logs.Count + 1}.strace")));
        var kill = KillAtSync;
        KillAtSync = null;
        return Strace.Start(_logs[^1], kill, program, arguments);
    }

    /// <summary>All of it, once the last has ended.</summary>
    public async Task<Recording> ReadAsync()
    {
        var recording = new Recording();
        foreach (var log in _logs)
        {
            await Strace.WrittenAsync(log);
            recording.Add(log);
        }

        return recording;
    }
}
