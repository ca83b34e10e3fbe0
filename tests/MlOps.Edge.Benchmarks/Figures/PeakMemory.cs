namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>The most memory that processes had at once which come and go: nobody but who looks all the time knows it.</summary>
internal sealed class PeakMemory : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ProcessFamily _processes;
    private readonly CancellationTokenSource _ended = new();
    private Task _watching = Task.CompletedTask;
    private long _bytes;

    private PeakMemory(ProcessFamily processes) => _processes = processes;

    /// <summary>Seen until now; a look now included.</summary>
    /// <exception cref="BenchmarkException">The processes have ended.</exception>
    public long Bytes
    {
        get
        {
            Look();
            return Volatile.Read(ref _bytes);
        }
    }

    public static PeakMemory Watch(ProcessFamily processes)
    {
        var peak = new PeakMemory(processes);
        peak._watching = Task.Run(peak.WatchAsync);
        return peak;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody asks any more.
        }
        catch (BenchmarkException)
        {
            // They have ended: whoever asks next is told.
        }
    }

    private void Look()
    {
        var bytes = _processes.MemoryBytes();
        for (var most = Volatile.Read(ref _bytes); bytes > most;)
        {
            var before = Interlocked.CompareExchange(ref _bytes, bytes, most);
            if (before == most)
            {
                return;
            }

            most = before;
        }
    }
}
