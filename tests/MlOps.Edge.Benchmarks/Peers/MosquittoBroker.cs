using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>mosquitto as a process of its own.</summary>
internal sealed class MosquittoBroker : IAsyncDisposable
{
    private readonly StartedProcess _process;

    private MosquittoBroker(StartedProcess process, int port) => (_process, Port) = (process, port);

    public int Id => _process.Id;

    public int Port { get; }

    /// <exception cref="PeerSkippedException">It is not installed and cannot be.</exception>
    public static async Task<MosquittoBroker> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var program = await Installed.ProgramAsync("mosquitto", "mosquitto", cancellationToken);
        var port = Ports.Free();
        var settings = PeerFiles.Write("mosquitto.conf", folder, "mosquitto.conf", ("port", port), ("folder", folder), ("user", Environment.UserName));
        var process = StartedProcess.Start("mosquitto", program, ["-c", settings]);
        await process.ListensAsync(port);
        return new(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
