using System.Globalization;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>A way in which the same telemetry is kept elsewhere: mosquitto, a bridge of a few lines of Node.js, a database.</summary>
/// <param name="Name">As <c>--peer</c> names it, and as its files are named.</param>
/// <param name="Text">In words.</param>
/// <param name="StartDatabase">Starts the database's own process where it has one; it and its port go to the bridge.</param>
/// <param name="BridgeArguments">Behind the broker's port.</param>
internal sealed record Peer(
    string Name, string Text, Func<string, CancellationToken, Task<(StartedProcess Process, int Port)>>? StartDatabase, Func<string, int, string> BridgeArguments)
{
    public static IReadOnlyList<Peer> All { get; } =
    [
        new("influxdb", "mosquitto + Node.js -> InfluxDB", StartInfluxAsync, (_, port) => port.ToString(CultureInfo.InvariantCulture)),
        new("better-sqlite3", "mosquitto + Node.js -> better-sqlite3", null, (folder, _) => Path.Combine(folder, "readings.db")),
    ];

    private static async Task<(StartedProcess, int)> StartInfluxAsync(string folder, CancellationToken cancellationToken)
    {
        var program = await Installed.ProgramAsync("influxd", "influxdb", cancellationToken);
        var port = Ports.Free();
        var settings = PeerFiles.Write("influxdb.conf", Path.GetDirectoryName(folder)!, "influxdb.conf", ("port", port), ("rpc", Ports.Free()), ("folder", folder));
        var process = StartedProcess.Start("influxd", program, ["run", "-config", settings]);
        await process.ListensAsync(port);
        return (process, port);
    }
}
