using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Which stream new batches go into: the live one while they get through as they are made, and the backlog's once the link was down, or
/// nothing was acknowledged, for <see cref="OutboxOptions.BacklogAfter"/>, or more live batches wait than a link catches up with at once.
/// Back to live with the link itself, or when what is live has nearly drained: two bounds, so that it does not flap. Nothing of it is
/// kept: after a restart it is chosen anew. One caller at a time.
/// </summary>
internal sealed class StreamChoice(OutboxOptions options, Outbox outbox, ICloudLink link, TimeProvider clock)
{
    private readonly int _most = Math.Max(1, options.Window / 2);
    private readonly int _few = options.Window / 8;
    private StreamKind _kind = StreamKind.Live;
    private long _chosenAt;
    private (bool IsUp, int Connection)? _link;
    private long _linkSince;
    private BatchKey? _head;
    private long _headSince;

    /// <summary>Looks at link and outbox again. Called often: what it does not see did not happen.</summary>
    public StreamKind Choose()
    {
        var (waiting, head) = outbox.Waiting(StreamKind.Live);
        Observe(head);
        if (options.BacklogAfter == Timeout.InfiniteTimeSpan)
        {
            return StreamKind.Live;
        }

        var chosen = _kind == StreamKind.Live
            ? Stalls(waiting) ? StreamKind.Backlog : StreamKind.Live
            : Flows(waiting) ? StreamKind.Live : StreamKind.Backlog;
        if (chosen != _kind)
        {
            (_kind, _chosenAt) = (chosen, clock.GetTimestamp());
        }

        return _kind;
    }

    /// <summary>How long the link has been down or, while it is up, the oldest live batch has waited for the cloud.</summary>
    public TimeSpan Silence => !IsUp ? clock.GetElapsedTime(_linkSince) : _head is null ? TimeSpan.Zero : clock.GetElapsedTime(_headSince);

    private bool IsUp => _link is { IsUp: true };

    private void Observe(BatchKey? head)
    {
        var now = clock.GetTimestamp();
        var seen = (link.IsUp, link.Connection);
        if (_link != seen)
        {
            (_link, _linkSince, _headSince) = (seen, now, now);
        }

        if (_head != head)
        {
            (_head, _headSince) = (head, now);
        }
    }

    private bool Stalls(long waiting) => waiting > _most
        || (IsUp ? waiting > 0 && clock.GetElapsedTime(_headSince) >= options.BacklogAfter : clock.GetElapsedTime(_linkSince) >= options.BacklogAfter);

    private bool Flows(long waiting) => IsUp && (_linkSince > _chosenAt ? waiting <= _most : _headSince > _chosenAt && waiting <= _few);
}
