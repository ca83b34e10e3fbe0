using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Sends the outbox to the cloud, each stream in order, at least once, a bounded number of batches ahead of the cloud's
/// acknowledgement. What is live goes first and has a quarter of that number to itself, so that a long backlog does not hold it up. Begins again at the first unacknowledged one on every connection, sends again what waited too long, and
/// fills a hole that an acknowledgement shows.
/// </summary>
internal sealed partial class OutboxPump(Outbox outbox, ICloudLink link, AgentIdentity identity, SessionClock session, OutboxOptions options, InFlight inFlight, TimeProvider clock, ILogger<OutboxPump> logger) : IAgentLoop
{
    private const int MostUnread = 1024;
    private static readonly StreamKind[] InTurn = [StreamKind.Live, StreamKind.Backlog, StreamKind.Summary];
    private readonly string _topic = Topics.Telemetry(identity.Device);
    private readonly ConcurrentQueue<StreamAcknowledgement> _acknowledgements = new();
    private readonly ConcurrentQueue<IReadOnlyList<string>> _wants = new();
    private readonly HashSet<BatchKey> _held = [];
    private readonly Pulse _wake = new();
    private readonly Dictionary<StreamKind, BatchKey> _sentThrough = [];
    private readonly HoleWatch _holes = new(options.AckTimeout, clock);
    private int _connection;

    /// <summary>Takes an acknowledgement from the link's reader.</summary>
    public void Receive(StreamAcknowledgement acknowledgement)
    {
        // One that is dropped is made up for by the next, or by sending again: a cloud that talks too much fills no memory.
        if (_acknowledgements.Count < MostUnread)
        {
            _acknowledgements.Enqueue(acknowledgement);
        }

        _wake.Raise();
    }

    /// <summary>Takes the names of schemas that the cloud lacks, from the link's reader.</summary>
    public void Receive(IReadOnlyList<string> wants)
    {
        if (_wants.Count < MostUnread)
        {
            _wants.Enqueue(wants);
        }

        _wake.Raise();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Task.WhenAny(_wake.Next, outbox.Changed.Next, link.Changed.Next);
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (await TurnAsync(cancellationToken))
                {
                    continue; // the window has room and more may have come meanwhile
                }

                await Pulse.WaitAsync(changed, link.IsUp ? UntilDue : Timeout.InfiniteTimeSpan, clock, cancellationToken);
            }
            catch (UnwritableOutboxException)
            {
                // The outbox reports it. What was not noted is said again: the cloud acknowledges what is sent again.
                await Pulse.WaitAsync(link.Changed.Next, options.AckTimeout, clock, cancellationToken);
            }
        }
    }

    private TimeSpan UntilDue => (inFlight.UntilOverdue, _holes.UntilUnsure) switch
    {
        (var overdue, var unsure) when unsure == Timeout.InfiniteTimeSpan => overdue,
        (var overdue, var unsure) when overdue == Timeout.InfiniteTimeSpan => unsure,
        (var overdue, var unsure) => overdue < unsure ? overdue : unsure,
    };

    /// <returns>Whether something was sent.</returns>
    private async Task<bool> TurnAsync(CancellationToken cancellationToken)
    {
        while (_acknowledgements.TryDequeue(out var acknowledgement))
        {
            await ApplyAsync(acknowledgement, cancellationToken);
        }

        Provide();
        if (!link.IsUp)
        {
            return false;
        }

        foreach (var stream in _holes.TakeUnsure())
        {
            outbox.Ask(stream);
        }

        BeginAgainIfConnectedAnew();
        await RepeatAsync(cancellationToken);
        return await SendNextAsync(cancellationToken);
    }

    // Batches that the cloud cannot read for now go again as soon as it has the schemas, and need not wait for their patience to end.
    private void Provide()
    {
        while (_wants.TryDequeue(out var wants))
        {
            _held.UnionWith(inFlight.Keys);
            outbox.Provide(wants);
        }
    }

    private void BeginAgainIfConnectedAnew()
    {
        if (_connection != link.Connection)
        {
            _connection = link.Connection;
            _sentThrough.Clear();
            inFlight.Clear();
            _held.Clear();
        }
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        var overdue = inFlight.Overdue;
        if (overdue.Count > 0)
        {
            LogTimeout(overdue.Count, overdue[0].Sequence);
            await SendAgainAsync(overdue, cancellationToken);
        }
    }

    /// <returns>Whether something was sent.</returns>
    private async Task<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in InTurn.Where(HasRoom))
        {
            if (NextUnsent(kind) is { } batch)
            {
                // In flight even if the broker does not take it now: its turn comes again, and the next is not held up.
                var through = _sentThrough.GetValueOrDefault(kind);
                _sentThrough[kind] = batch.Key.CompareTo(through) > 0 ? batch.Key : through;
                return await TrySendAsync(batch, kind, cancellationToken);
            }
        }

        return false;
    }

    private bool HasRoom(StreamKind kind) => inFlight.Count < options.Window
        && (kind == StreamKind.Live || inFlight.Count - inFlight.CountOf(StreamKind.Live) < options.Window - (options.Window / 4));

    private StoredBatch? NextUnsent(StreamKind kind)
    {
        var next = outbox.Next(kind, _sentThrough.GetValueOrDefault(kind));
        if (next is null && outbox.Waiting(kind).Count > inFlight.CountOf(kind))
        {
            // A gap record has joined an older stream, behind what was sent.
            next = outbox.Next(kind, default);
            while (next is not null && inFlight.Contains(next.Key))
            {
                next = outbox.Next(kind, next.Key);
            }
        }

        return next;
    }

    private async Task SendAgainAsync(IReadOnlyList<BatchKey> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            if (outbox.After(key with { Sequence = key.Sequence - 1 }) is { } batch && batch.Key == key)
            {
                await TrySendAsync(batch, inFlight.KindOf(key), cancellationToken);
            }
            else
            {
                inFlight.Remove(key); // evicted meanwhile; its gap record is on the way
            }
        }
    }

    private async Task<bool> TrySendAsync(StoredBatch batch, StreamKind kind, CancellationToken cancellationToken)
    {
        try
        {
            inFlight.Send(batch.Key, kind);
            if (batch.Payload.Length > options.MaxBatchBytes)
            {
                throw new MessageTooLargeException(batch.Payload.Length, options.MaxBatchBytes);
            }

            await link.PublishAsync(_topic, batch.Payload, retain: false, [new("clock", session.Stamp), new("traceparent", TraceParent())], cancellationToken);
            return true;
        }
        catch (MessageTooLargeException e)
        {
            // It would never get through, and the connection would be lost with each try.
            LogTooLarge(batch.Key.Sequence, e.Message);
            inFlight.Remove(batch.Key);
            outbox.Refuse(batch.Key, RefusalCode.TooLarge, e.Message);
            return true;
        }
        catch (CloudLinkException e)
        {
            // The link comes back as another connection, or the batch's patience ends: both send it again.
            LogNotSent(batch.Key.Sequence, e.Message);
            return link.IsUp;
        }
    }

    // A trace begins with each publication; the flag asks whoever takes it on to record it. https://www.w3.org/TR/trace-context/
    private static string TraceParent() => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";

    private async Task ApplyAsync(StreamAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        if (outbox.Acknowledge(acknowledgement) is not var (stream, told))
        {
            LogForeign(acknowledgement.Epoch);
            return;
        }

        inFlight.Settle(stream, acknowledgement);
        foreach (var range in acknowledgement.Refused ?? [])
        {
            LogRefused(range.First, range.Last, acknowledgement.Epoch, range.Code, range.Reason);
        }

        LookForHoles(stream, acknowledgement);
        if (told && link.IsUp)
        {
            BatchKey[] held = [.. _held.Where(inFlight.Contains).Order()];
            _held.Clear();
            await SendAgainAsync(held, cancellationToken);
        }

        if (acknowledgement.Above.Count > 0 && link.IsUp)
        {
            await SendAgainAsync(inFlight.LostBefore(new(stream, acknowledgement.Above.Max(range => range.Last))), cancellationToken);
        }
    }

    // A cloud that was restored from a backup lacks what it has acknowledged and is not here any more: it shall know what that was.
    private void LookForHoles(long stream, StreamAcknowledgement acknowledgement)
    {
        var reach = acknowledgement.Above.Select(range => range.Last).Append(acknowledgement.Through).Max();
        if (_holes.Look(stream, reach, outbox.Lacking(stream, acknowledgement)) is { Count: > 0 } lost)
        {
            LogRestored(lost.Sum(range => range.Last - range.First + 1), acknowledgement.Epoch, lost[0].First);
            outbox.TellRestored(stream, lost);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The cloud lacks {Count} batches of stream {Epoch} that it had acknowledged, from {First} on: it was restored from a backup. A gap record tells it")]
    private partial void LogRestored(long count, string epoch, long first);

    [LoggerMessage(LogLevel.Warning, "No acknowledgement for {Count} batches, from sequence {Sequence} on; sending them again")]
    private partial void LogTimeout(int count, long sequence);

    [LoggerMessage(LogLevel.Debug, "Batch {Sequence} was not sent: {Reason}")]
    private partial void LogNotSent(long sequence, string reason);

    [LoggerMessage(LogLevel.Error, "Batch {Sequence} is kept aside: {Reason}")]
    private partial void LogTooLarge(long sequence, string reason);

    [LoggerMessage(LogLevel.Debug, "An acknowledgement for the unknown stream {Epoch} is ignored")]
    private partial void LogForeign(string epoch);

    [LoggerMessage(LogLevel.Error, "The cloud refused the batches {First} to {Last} of stream {Epoch} ({Code}: {Reason}); they are kept aside")]
    private partial void LogRefused(long first, long last, string epoch, string? code, string? reason);
}
