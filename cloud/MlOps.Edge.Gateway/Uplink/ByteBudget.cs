namespace MlOps.Edge.Gateway.Uplink;

/// <summary>Bytes that may be held at once. Who finds no room waits in line, for a while.</summary>
/// <param name="capacity">More than that in one piece is taken for that much: it comes when all else is gone.</param>
internal sealed class ByteBudget(long capacity, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _line = new();
    private long _held;

    /// <summary>Bytes held now; never more than the capacity.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>The most that was ever held.</summary>
    public long Peak { get; private set; }

    /// <param name="patience">Zero: not at all; infinite: until it is told to stop.</param>
    /// <returns>False: there was no room within <paramref name="patience"/>, and nothing is held.</returns>
    public async ValueTask<bool> TakeAsync(long bytes, TimeSpan patience, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            if (_line.Count == 0 && Fits(bytes))
            {
                Hold(bytes);
                return true;
            }

            if (patience == TimeSpan.Zero)
            {
                return false;
            }

            waiter = new Waiter(bytes);
            _line.AddLast(waiter.Place);
        }

        try
        {
            await waiter.Admitted.Task.WaitAsync(patience, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return !Leave(waiter);
        }
        catch (OperationCanceledException)
        {
            if (!Leave(waiter))
            {
                Give(bytes);
            }

            throw;
        }
    }

    public void Give(long bytes)
    {
        lock (_gate)
        {
            _held -= Weight(bytes);
            Admit();
        }
    }

    private long Weight(long bytes) => Math.Min(bytes, capacity);

    private bool Fits(long bytes) => _held + Weight(bytes) <= capacity;

    private void Hold(long bytes)
    {
        _held += Weight(bytes);
        Peak = Math.Max(Peak, _held);
    }

    private void Admit()
    {
        while (_line.First is { } first && Fits(first.Value.Bytes))
        {
            _line.RemoveFirst();
            Hold(first.Value.Bytes);
            first.Value.Admitted.SetResult();
        }
    }

    // False: it was admitted in the meantime.
    private bool Leave(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place.List is null)
            {
                return false;
            }

            _line.Remove(waiter.Place);

            // A large one at the head may have held up smaller ones.
            Admit();
            return true;
        }
    }

    private sealed class Waiter
    {
        public Waiter(long bytes) => (Bytes, Place) = (bytes, new(this));

        public long Bytes { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
