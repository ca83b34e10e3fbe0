using System.Globalization;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>A peer that was started for one load.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private const string StoredWord = "stored ";

    private readonly Stack<StartedProcess> _processes = new();
    private MosquittoBroker? _broker;
    private long _stored;

    /// <summary>Readings that the bridge says are on disk.</summary>
    public long Stored => Volatile.Read(ref _stored);

    public int Port => _broker!.Port;

    public IReadOnlyList<int> Ids => [_broker!.Id, .. _processes.Select(process => process.Id)];

    /// <param name="folder">Of this load; its data is under <c>data</c>.</param>
    /// <param name="packages">Where npm packages are kept.</param>
    /// <exception cref="PeerSkippedException">Something of it is not to be had.</exception>
    public static async Task<RunningPeer> StartAsync(Peer peer, WorkFolder folder, string packages, CancellationToken cancellationToken)
    {
        var node = Installed.Find("node") ?? throw new PeerSkippedException("node is not installed; install Node.js");
        var bridge = await Installed.BridgeAsync(peer.Name, packages, cancellationToken);
        var running = new RunningPeer();
        try
        {
            Directory.CreateDirectory(folder["data"]);
            running._broker = await MosquittoBroker.StartAsync(folder.Path, cancellationToken);
            var databasePort = 0;
            if (peer.StartDatabase is { } start)
            {
                (var database, databasePort) = await start(folder["data"], cancellationToken);
                running._processes.Push(database);
            }

            var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var process = StartedProcess.Start(
                "the bridge", node, [Path.Combine(bridge, "bridge.mjs"), running.Port.ToString(CultureInfo.InvariantCulture), peer.BridgeArguments(folder["data"], databasePort)],
                said: line => running.Hear(line, ready), folder: bridge);
            running._processes.Push(process);
            await process.UntilAsync("it was ready", () => Task.FromResult(ready.Task.IsCompleted));
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the bridge, then the database, each in order, so that what they hold is on disk.</summary>
    public async Task StopAsync()
    {
        const int endedBySigTerm = 143;
        while (_processes.TryPop(out var process))
        {
            await process.StopAsync(endedBySigTerm);
            await process.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_processes.TryPop(out var process))
        {
            await process.DisposeAsync();
        }

        if (_broker is { } broker)
        {
            await broker.DisposeAsync();
        }
    }

    private void Hear(string line, TaskCompletionSource ready)
    {
        if (line.StartsWith(StoredWord, StringComparison.Ordinal))
        {
            Volatile.Write(ref _stored, long.Parse(line.AsSpan(StoredWord.Length), CultureInfo.InvariantCulture));
        }
        else if (line == "ready")
        {
            ready.TrySetResult();
        }
    }
}
