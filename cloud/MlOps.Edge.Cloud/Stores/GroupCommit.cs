using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// The one writer of a database. While one transaction reaches the disk, the work that arrives gathers, and goes into the next one
/// together: the cost of a flush is shared by all who wait for it.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    // A transaction that grows without end would make its first caller wait for its last.
    private const int Largest = 512;

    // Where so many wait and more keep coming, the next transaction begins no sooner than that after the last one did: much of what a transaction writes
    // are pages of indexes, the same again and again (PostgreSQL's commit_siblings and commit_delay).
    private const int Siblings = 16;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly Channel<Work> _queue = Channel.CreateUnbounded<Work>();
    private readonly ManualResetEventSlim _closing = new();
    private readonly SqliteSession _session;
    private readonly string _path;
    private readonly Thread _thread;

    private GroupCommit(SqliteSession session, string path)
    {
        (_session, _path) = (session, path);
        _thread = new Thread(Run) { IsBackground = true, Name = "cloud.db writer" };
    }

    public static GroupCommit Start(SqliteSession session, string path)
    {
        var writer = new GroupCommit(session, path);
        writer._thread.Start();
        return writer;
    }

    /// <param name="committed">Called by the writer once the work is on disk, before the task completes and before the next is called.</param>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> work, Action<T>? committed, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var item = new Work<T>(work, committed);
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(item), this);

        // Once queued it will be written: a caller who leaves does not undo it.
        return item.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _closing.Set();
        _thread.Join();
        _closing.Dispose();
    }

    private void Run()
    {
        var (group, began) = (new List<Work>(), TimeProvider.System.GetTimestamp());
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Gather(began);
            began = TimeProvider.System.GetTimestamp();
            while (group.Count < Largest && _queue.Reader.TryRead(out var work))
            {
                group.Add(work);
            }

            Commit(group);
            group.Clear();
        }

        _session.Dispose();
    }

    private void Gather(long began)
    {
        for (int before = 0, now; (now = _queue.Reader.Count) >= Siblings && now > before && TimeProvider.System.GetElapsedTime(began) < Gathering; before = now)
        {
            _closing.Wait(Look);
        }
    }

    private void Commit(List<Work> group)
    {
        var error = TryCommit(group);
        if (error is null)
        {
            group.ForEach(work => work.Complete());
        }
        else if (group is [var alone])
        {
            alone.Fail(error is SqliteException sqlite ? StoreException.From(sqlite, _path) : error);
        }
        else
        {
            // Failures are rare: rather than pay for a savepoint each, undo all and give each a transaction of its own.
            group.ForEach(work => Commit([work]));
        }
    }

    private Exception? TryCommit(List<Work> group)
    {
        try
        {
            _session.Transact(() => group.ForEach(work => work.Do(_session)));
            return null;
        }
#pragma warning disable CA1031 // It is handed to whoever waits for the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private abstract class Work
    {
        public abstract void Do(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Work<T>(Func<SqliteSession, T> work, Action<T>? committed) : Work
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Completion => _completion.Task;

        public override void Do(SqliteSession session) => _result = work(session);

        public override void Complete()
        {
            committed?.Invoke(_result);
            _completion.TrySetResult(_result);
        }

        public override void Fail(Exception error) => _completion.TrySetException(error);
    }
}
