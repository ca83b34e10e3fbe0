using System.Diagnostics;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>One device of a load: it publishes one message after the other, as many ahead of what is stored as it may.</summary>
internal abstract class LoadDevice : IDisposable
{
    // Frames that nobody has sampled yet would be nonsense, so the signal begins this long ago; a second between frames.
    private static readonly TimeSpan Past = TimeSpan.FromDays(400);

    protected LoadDevice(int number, LoadShape shape) => (Number, Shape) = (number, shape);

    public int Number { get; }

    public string Name => FormattableString.Invariant($"bench-{Number:00000}");

    public LoadShape Shape { get; }

    /// <summary>Messages that were published.</summary>
    public long Published { get; protected set; }

    /// <summary>Between frames.</summary>
    public const int IntervalMs = 1000;

    /// <summary>Of frame 0, Unix milliseconds.</summary>
    public long BeganMs { get; } = (TimeProvider.System.GetUtcNow() - Past).ToUnixTimeMilliseconds();

    protected MqttSession Session { get; } = new();

    /// <summary>Whether everything that was published is known to be stored, or with the broker where nobody tells.</summary>
    protected abstract bool IsSettled { get; }

    public abstract Task ConnectAsync(int port, CancellationToken cancellationToken);

    /// <summary>Publishes as fast as it may until told to stop, and returns when all is settled.</summary>
    public async Task FloodAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stopping = stop.IsCancellationRequested;
            while (!stopping && MayPublish())
            {
                Write(Stopwatch.GetTimestamp());
            }

            if (stopping && IsSettled)
            {
                return;
            }

            await Session.FlushAsync(cancellationToken);
            if (IsSettled)
            {
                // There is nothing that the broker could answer: what is short is credit.
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
                continue;
            }

            await Session.ReceiveAsync(Received, cancellationToken);
        }
    }

    /// <summary>Publishes one message now, beside <see cref="ListenAsync"/>.</summary>
    public ValueTask PublishOneAsync(CancellationToken cancellationToken)
    {
        Write(Stopwatch.GetTimestamp());
        return Session.FlushAsync(cancellationToken);
    }

    /// <summary>Takes answers until told that no more is published and all is settled.</summary>
    public async Task ListenAsync(CancellationToken stop, CancellationToken cancellationToken)
    {
        while (!(stop.IsCancellationRequested && IsSettled))
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop);
            try
            {
                await Session.ReceiveAsync(Received, stop.IsCancellationRequested ? cancellationToken : either.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // What is still on its way is waited for.
            }
        }
    }

    public virtual Task LeaveAsync(CancellationToken cancellationToken) => Session.LeaveAsync(cancellationToken);

    public void Dispose() => Session.Dispose();

    protected abstract bool MayPublish();

    /// <param name="now">When the sample is made, stopwatch ticks.</param>
    protected abstract void Write(long now);

    protected abstract void Received(ReadOnlySpan<byte> payload);
}
