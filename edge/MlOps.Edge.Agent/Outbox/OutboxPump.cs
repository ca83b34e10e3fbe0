using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Sends the outbox to the cloud, in order, at least once, a bounded number of batches ahead of the cloud's
/// acknowledgement. Begins again at the first unacknowledged one on every connection and after a timeout; fills a hole
/// that an acknowledgement shows.
/// </summary>
internal sealed partial class OutboxPump(Outbox outbox, ICloudLink link, AgentIdentity identity, OutboxOptions options, Jitter jitter, TimeProvider clock, ILogger<OutboxPump> logger) : IAgentLoop
{
    private readonly string _topic = Topics.Telemetry(identity.Device);
    private readonly ConcurrentQueue<StreamAcknowledgement> _acknowledgements = new();
    private readonly SortedDictionary<BatchKey, long> _inFlight = [];
    private readonly Pulse _wake = new();
    private BatchKey _sentThrough;
    private int _connection;
    private int _timeouts;
    private TimeSpan _patience = options.AckTimeout;

    /// <summary>Takes an acknowledgement from the link's reader.</summary>
    public void Receive(StreamAcknowledgement acknowledgement)
    {
        _acknowledgements.Enqueue(acknowledgement);
        _wake.Raise();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Task.WhenAny(_wake.Next, outbox.Changed.Next, link.Changed.Next);
            cancellationToken.ThrowIfCancellationRequested();
            var wait = Timeout.InfiniteTimeSpan;
            while (_acknowledgements.TryDequeue(out var acknowledgement))
            {
                await ApplyAsync(acknowledgement, cancellationToken);
            }

            if (link.IsUp)
            {
                RewindIfDue();
                if (await SendAsync(cancellationToken))
                {
                    continue; // the window has room and more may have come meanwhile
                }

                wait = _inFlight.Count == 0 ? Timeout.InfiniteTimeSpan : _patience - clock.GetElapsedTime(Oldest);
            }

            await Pulse.WaitAsync(changed, wait, clock, cancellationToken);
        }
    }

    private long Oldest => _inFlight.First().Value;

    private void RewindIfDue()
    {
        if (_connection != link.Connection)
        {
            (_connection, _timeouts) = (link.Connection, 0);
            Rewind();
        }
        else if (_inFlight.Count > 0 && clock.GetElapsedTime(Oldest) >= _patience)
        {
            LogTimeout(_inFlight.Count, _inFlight.First().Key.Sequence);
            _timeouts++;
            Rewind();
        }
    }

    private void Rewind()
    {
        _inFlight.Clear();
        _sentThrough = default;

        // A cloud that does not answer is asked ever more rarely, up to sixteen times the plain timeout.
        _patience = jitter.Around(options.AckTimeout * (1 << Math.Min(_timeouts, 4)));
    }

    /// <returns>Whether something was sent.</returns>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        if (_inFlight.Count >= options.Window || outbox.After(_sentThrough) is not { } batch)
        {
            return false;
        }

        return await TrySendAsync(batch, cancellationToken);
    }

    private async Task<bool> TrySendAsync(StoredBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            // Before the send: an acknowledgement may overtake the broker's.
            _inFlight[batch.Key] = clock.GetTimestamp();
            await link.PublishAsync(_topic, batch.Payload, retain: false, cancellationToken);
            _sentThrough = batch.Key.CompareTo(_sentThrough) > 0 ? batch.Key : _sentThrough;
            return true;
        }
        catch (CloudLinkException e)
        {
            // The link comes back as another connection, or the timeout passes: both begin again.
            LogNotSent(batch.Key.Sequence, e.Message);
            return false;
        }
    }

    private async Task ApplyAsync(StreamAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        if (outbox.Acknowledge(acknowledgement) is not { } stream)
        {
            LogForeign(acknowledgement.Epoch);
            return;
        }

        _timeouts = 0;
        var refused = acknowledgement.Refused ?? [];
        foreach (var key in _inFlight.Keys.Where(key => key.Stream == stream && (key.Sequence <= acknowledgement.Through
            || acknowledgement.Above.Any(r => Contains(r, key)) || refused.Any(r => Contains(r, key)))).ToArray())
        {
            _inFlight.Remove(key);
        }

        if (refused.Count > 0)
        {
            LogRefused(acknowledgement.Epoch);
        }

        await FillHoleAsync(stream, acknowledgement, cancellationToken);
    }

    // What was sent, is older than what arrived, and has had the time of a round trip: lost on the way.
    private async Task FillHoleAsync(long stream, StreamAcknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        if (acknowledgement.Above.Count == 0 || !link.IsUp)
        {
            return;
        }

        var last = acknowledgement.Above.Max(range => range.Last);
        var grace = options.AckTimeout / 10;
        var lost = _inFlight.Where(sent => sent.Key.Stream == stream && sent.Key.Sequence < last && clock.GetElapsedTime(sent.Value) >= grace)
            .Select(sent => sent.Key).ToArray();
        foreach (var key in lost)
        {
            if (outbox.After(key with { Sequence = key.Sequence - 1 }) is { } batch && batch.Key == key)
            {
                await TrySendAsync(batch, cancellationToken);
            }
            else
            {
                _inFlight.Remove(key); // evicted meanwhile; its gap record is on the way
            }
        }
    }

    private static bool Contains(SequenceRange range, BatchKey key) => key.Sequence >= range.First && key.Sequence <= range.Last;

    [LoggerMessage(LogLevel.Warning, "No acknowledgement for {Count} batches; sending again from sequence {Sequence}")]
    private partial void LogTimeout(int count, long sequence);

    [LoggerMessage(LogLevel.Debug, "Batch {Sequence} was not sent: {Reason}")]
    private partial void LogNotSent(long sequence, string reason);

    [LoggerMessage(LogLevel.Debug, "An acknowledgement for the unknown stream {Epoch} is ignored")]
    private partial void LogForeign(string epoch);

    [LoggerMessage(LogLevel.Error, "The cloud refused batches of stream {Epoch}; they are kept aside and a new stream began")]
    private partial void LogRefused(string epoch);
}
