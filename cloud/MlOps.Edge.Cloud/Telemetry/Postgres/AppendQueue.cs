using System.Threading.Channels;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>
/// Gathers batches while a transaction is under way; they go into the next one together, so that the cost of a flush and of the ways to the server is
/// shared by all who wait for it.
/// </summary>
internal sealed class AppendQueue : IDisposable
{
    private const int Largest = 1024;

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly GroupAppend _append;
    private readonly Thread _thread;

    private AppendQueue(GroupAppend append)
    {
        _append = append;
        _thread = new Thread(Run) { IsBackground = true, Name = "telemetry writer" };
    }

    public static AppendQueue Start(GroupAppend append)
    {
        var queue = new AppendQueue(append);
        queue._thread.Start();
        return queue;
    }

    /// <param name="hash">SHA-256 of the payload.</param>
    public Task<AppendOutcome> AppendAsync(TelemetryRecord record, byte[] hash, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<AppendOutcome>(cancellationToken);
        }

        var item = new Waiting(record, hash);
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(item), this);

        // Once queued it will be written: a caller who leaves does not undo it.
        return item.Outcome.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what is queued.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        var group = new List<Waiting>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < Largest && _queue.Reader.TryRead(out var item))
            {
                group.Add(item);
            }

            Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<Waiting> group)
    {
        try
        {
            var outcomes = _append.Write(group);
            for (var i = 0; i < outcomes.Length; i++)
            {
                group[i].Outcome.TrySetResult(outcomes[i]);
            }
        }
#pragma warning disable CA1031 // It is handed to whoever waits for the batch.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (group.Count == 1 || (e.InnerException is { } cause && PostgresErrors.IsOf(cause) && PostgresErrors.IsLost(cause)))
            {
                group.ForEach(item => item.Outcome.TrySetException(e));
                return;
            }

            // One of them is at fault: each gets a transaction of its own.
            group.ForEach(item => Commit([item]));
        }
    }
}

/// <summary>A batch, and who waits for what becomes of it.</summary>
internal sealed record Waiting(TelemetryRecord Record, byte[] Hash)
{
    public TaskCompletionSource<AppendOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
