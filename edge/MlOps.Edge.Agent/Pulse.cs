namespace MlOps.Edge.Agent;

/// <summary>
/// Says that something may have changed. A waiter takes <see cref="Next"/> first, looks at its condition, then awaits
/// what it took: a change between the look and the wait is never missed.
/// </summary>
internal sealed class Pulse
{
    private TaskCompletionSource _next = New();

    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Called within <see cref="Raise"/>, for who must know before the raiser goes on; returns at once.</summary>
    public event Action? Raised;

    public void Raise()
    {
        Raised?.Invoke();
        Interlocked.Exchange(ref _next, New()).TrySetResult();
    }

    /// <summary>Waits for a change, but no longer than <paramref name="limit"/>.</summary>
    public static async Task WaitAsync(Task next, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            await next.WaitAsync(cancellationToken);
            return;
        }

        // Ending in time is the rule here, not the exception: no throw for it.
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(limit < TimeSpan.Zero ? TimeSpan.Zero : limit, clock, timer.Token));
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
