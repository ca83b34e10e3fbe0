using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Link;

/// <summary>Says the device's whole state when it changed, and again until the cloud has kept it.</summary>
internal sealed partial class Reporter(AgentIdentity identity, ICloudLink link, IReportContent content, LinkOptions options, TimeProvider clock, ILogger<Reporter> logger) : IAgentLoop
{
    // How soon a lag that was said is looked at again, and the least that is worth saying before its time that it has shrunk.
    private static readonly TimeSpan LagLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NotableLag = TimeSpan.FromSeconds(2);

    private readonly string _topic = Topics.Reported(identity.Device);
    private readonly Pulse _wake = new();
    private byte[] _lastSaid = [];
    private TimeSpan _lastLag;
    private long _changes = 1;
    private long _seen;
    private long _sequence;
    private long _acknowledged;
    private int _connection;
    private long _sentAt;

    /// <summary>Raised when an acknowledgement came or there was nothing to say.</summary>
    public Pulse Settled { get; } = new();

    /// <summary>Whether the cloud has kept all that there is to say.</summary>
    public bool IsSettled => Volatile.Read(ref _changes) == Volatile.Read(ref _seen) && Volatile.Read(ref _acknowledged) == Volatile.Read(ref _sequence);

    /// <summary>Something worth reporting may have changed.</summary>
    public void Change()
    {
        Interlocked.Increment(ref _changes);
        _wake.Raise();
    }

    public void Receive(ReportedAcknowledgement acknowledgement)
    {
        if (acknowledgement.Session == identity.Session && acknowledgement.Sequence > Volatile.Read(ref _acknowledged) && acknowledgement.Sequence <= Volatile.Read(ref _sequence))
        {
            Volatile.Write(ref _acknowledged, acknowledgement.Sequence);
            Settled.Raise();
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Task.WhenAny(_wake.Next, link.Changed.Next);
            if (Volatile.Read(ref _changes) != _seen)
            {
                await Task.Delay(options.ReportDelay, clock, cancellationToken);
            }

            if (link.IsUp)
            {
                await SayAsync(cancellationToken);
            }

            await Pulse.WaitAsync(changed, UntilLook, clock, cancellationToken);
        }
    }

    private TimeSpan UntilLook => !link.IsUp ? Timeout.InfiniteTimeSpan : _lastLag >= NotableLag && LagLook < options.ReportTimeout ? LagLook : options.ReportTimeout;

    private async Task SayAsync(CancellationToken cancellationToken)
    {
        var changes = Volatile.Read(ref _changes);
        var connection = link.Connection;
        var document = content.Describe();
        var said = Bytes(Stable(document));
        var waited = clock.GetElapsedTime(_sentAt);
        var lag = TimeSpan.FromMilliseconds(document.Outbox.LagMs ?? 0);
        var due = !said.AsSpan().SequenceEqual(_lastSaid) || connection != _connection || waited >= options.ReportInterval || HasShrunk(lag)
            || (Volatile.Read(ref _acknowledged) != _sequence && waited >= options.ReportTimeout);
        if (!due)
        {
            Volatile.Write(ref _seen, changes);
            Settled.Raise();
            return;
        }

        try
        {
            (_lastSaid, _lastLag, _connection, _sentAt) = (said, lag, connection, clock.GetTimestamp());
            var sequence = Interlocked.Increment(ref _sequence);
            Volatile.Write(ref _seen, changes);
            await link.PublishAsync(_topic, Bytes(document with { Session = identity.Session, Sequence = sequence }), retain: false, [], cancellationToken);
        }
        catch (CloudLinkException e)
        {
            LogNotSaid(e.Message); // unacknowledged: it goes again after the timeout, or on the next connection
        }
    }

    // After an outage the cloud would believe for a minute that the device is still behind. Halving keeps it to a few reports, however long the backlog.
    private bool HasShrunk(TimeSpan lag) => _lastLag >= NotableLag && lag <= _lastLag / 2;

    // Figures that move with every frame are told on occasion, and are no occasion themselves.
    private static ReportedDocument Stable(ReportedDocument document) => document with
    {
        Assets = [.. document.Assets.Select(asset => asset with { Frame = 0 })],
        Outbox = new(0, 0, document.Outbox.Quarantined, document.Outbox.Fault, document.Outbox.Refused, document.Outbox.LastRefusal),
    };

    private static byte[] Bytes(ReportedDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.ReportedDocument);

    [LoggerMessage(LogLevel.Debug, "The report was not sent: {Reason}")]
    private partial void LogNotSaid(string reason);
}

/// <summary>Describes the device for the report; session and sequence are the reporter's.</summary>
internal interface IReportContent
{
    ReportedDocument Describe();
}
