using System.Buffers;
using System.IO.Pipelines;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// What goes out by one connection. While packets that have come are still to be dealt with, answers gather, and leave together before the next are waited
/// for: a write for each answer is the largest single cost of a message. One sends, one other may ask for the rest.
/// </summary>
/// <param name="mayGather">Whether what is there will certainly be asked for with <see cref="FlushRestAsync"/>.</param>
internal sealed class GatheredOutput(PipeWriter inner, Func<bool> mayGather) : PipeWriter
{
    private const int MostGathered = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _written = new();
    private Task<FlushResult> _flushing = Task.FromResult(default(FlushResult));

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            inner.Write(_written.WrittenSpan);
            _written.ResetWrittenCount();
            return mayGather() && inner.UnflushedBytes < MostGathered ? default : Flush(cancellationToken);
        }
    }

    /// <summary>Lets go what was gathered.</summary>
    public ValueTask<FlushResult> FlushRestAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return inner.UnflushedBytes == 0 ? default : Flush(cancellationToken);
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            inner.Complete(exception);
        }
    }

    // Two flushes at a time are one too many for a pipe; the second has to wait where the other end does not read.
    private ValueTask<FlushResult> Flush(CancellationToken cancellationToken)
    {
        if (!_flushing.IsCompleted)
        {
            return new(AfterAsync(_flushing, cancellationToken));
        }

        var flush = inner.FlushAsync(cancellationToken);
        if (flush.IsCompleted)
        {
            return flush;
        }

        _flushing = flush.AsTask();
        return new(_flushing);
    }

    private async Task<FlushResult> AfterAsync(Task<FlushResult> other, CancellationToken cancellationToken)
    {
        await other.WaitAsync(cancellationToken);
        return await FlushRestAsync(cancellationToken);
    }
}
