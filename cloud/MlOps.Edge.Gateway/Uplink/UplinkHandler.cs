using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Monitoring;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>
/// Hands what a device says to its grain. The broker hears that a message is done, and the device that it is stored,
/// only after the grain has returned.
/// </summary>
internal sealed partial class UplinkHandler(
    IGrainFactory grains, IDevicePath path, Quarantines quarantines, GatewayMetrics metrics, TimeProvider clock, ILogger<UplinkHandler> logger)
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    // A device that sends garbage does so for ever; one line in the log is enough.
    private readonly ConcurrentDictionary<DeviceId, long> _rejected = new();

    private readonly StoreOutage _outage = new(logger);
    private readonly DeviceGrains _devices = new(grains);

    /// <summary>Messages that can never be stored, since the start.</summary>
    public long Rejected => _rejected.Values.Sum();

    /// <summary>Deals with what one device has said, in order, and answers once for all of it.</summary>
    public async Task HandleAsync(DeviceId device, IReadOnlyList<UplinkMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(device, messages, cancellationToken);
        }
#pragma warning disable CA1031 // A device's lane must go on whatever became of one answer; the device asks again by sending again.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogUnanswered(e, device);
        }
    }

    private async Task TakeAsync(DeviceId device, IReadOnlyList<UplinkMessage> messages, CancellationToken cancellationToken)
    {
        var answer = new Acknowledgement();
        var batches = new List<UplinkMessage>(messages.Count);
        var quarantined = messages.Any(m => m.Subject == UpSubject.Telemetry) && await quarantines.IsQuarantinedAsync(device, quarantines.Of(device));
        var status = messages.LastOrDefault(m => m.Subject == UpSubject.Status);
        foreach (var message in messages)
        {
            if ((quarantined && message.Subject == UpSubject.Telemetry) || (message.Subject == UpSubject.Status && message != status))
            {
                await message.Done(); // the device keeps the one, and has said better than the other
            }
            else if (message.Subject == UpSubject.Telemetry)
            {
                // Batches that wait together are stored together; their sequence, not their arrival, is their order.
                batches.Add(message);
            }
            else
            {
                await DeliverAsync(batches, answer, cancellationToken);
                batches.Clear();
                await DeliverAsync([message], answer, cancellationToken);
            }
        }

        await DeliverAsync(batches, answer, cancellationToken);
        if (answer.ToDocument() is { } document)
        {
            await path.AcknowledgeAsync(device, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.AcknowledgementDocument), cancellationToken);
            foreach (var message in messages.Where(m => m.Subject == UpSubject.Telemetry && !quarantined))
            {
                metrics.Answered(clock.GetElapsedTime(message.ReceivedTicks));
            }
        }
    }

    // What cannot be delivered stays unacknowledged, and the device sends it again; the broker need not keep it as well.
    private async Task DeliverAsync(List<UplinkMessage> messages, Acknowledgement answer, CancellationToken cancellationToken)
    {
        if (messages is not [{ Device: var device, Subject: var subject } first, ..])
        {
            return;
        }

        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await (subject == UpSubject.Telemetry ? IngestAsync(device, messages, answer) : PassOnAsync(first, answer));
                break;
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                await RejectAsync(device, subject, e.Message);
                break;
            }
#pragma warning disable CA1031 // A grain call may fail in as many ways as a cluster can; the message stays the device's.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (attempt == Attempts)
                {
                    Undelivered(e, device, subject);
                    metrics.Batches(BatchOutcome.Undelivered, subject == UpSubject.Telemetry ? messages.Count : 0);
                    break;
                }
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause *= 2;
        }

        foreach (var message in messages)
        {
            await message.Done();
        }
    }

    private async Task IngestAsync(DeviceId device, List<UplinkMessage> messages, Acknowledgement answer)
    {
        var receivedAt = clock.GetUtcNow();
        using var activity = GatewayTraces.Ingest(device, messages);
        var stored = await _devices.Of(device).IngestAsync([.. messages.Select(m => new IngestBatch(m.Payload, receivedAt) { Clock = m.Clock })]);
        if (stored.StoreFault is { } fault)
        {
            throw new NotStoredException(fault);
        }

        _outage.End();
        answer.Stored(stored);
        foreach (var fates in stored.Fates.CountBy(fate => fate))
        {
            metrics.Batches(Outcome(fates.Key), fates.Value);
        }

        foreach (var refusal in stored.Refusals)
        {
            Reject(device, UpSubject.Telemetry, refusal.Reason);
        }

        foreach (var reason in stored.Unreadable)
        {
            await RejectAsync(device, UpSubject.Telemetry, reason);
        }
    }

    private async Task PassOnAsync(UplinkMessage message, Acknowledgement answer)
    {
        var device = _devices.Of(message.Device);
        switch (message.Subject)
        {
            case UpSubject.Reported:
                var report = Read(message, ContractsJson.Default.ReportedDocument).ToReport(clock.GetUtcNow());
                await device.ReportAsync(report);
                answer.Reported(report.Session, report.Sequence);
                if (report.OutboxLag is { } lag)
                {
                    metrics.Lag(lag);
                }

                break;
            case UpSubject.Status:
                var status = Read(message, ContractsJson.Default.StatusDocument);
                await device.ConnectionAsync(status.Online, status.Session);
                break;
            default:
                throw new FormatException($"'{message.Subject}' is not a subject of protocol {ProtocolVersion.Current}.");
        }
    }

    private void Undelivered(Exception error, DeviceId device, UpSubject subject)
    {
        if (error is NotStoredException)
        {
            _outage.Note(error.Message);
        }
        else
        {
            LogUndelivered(error, device, subject);
        }
    }

    private static BatchOutcome Outcome(BatchFate fate) => fate switch
    {
        BatchFate.Stored => BatchOutcome.Acknowledged,
        BatchFate.Wanting => BatchOutcome.Wanting,
        BatchFate.Unreadable => BatchOutcome.Unreadable,
        _ => BatchOutcome.Refused,
    };

    private static T Read<T>(UplinkMessage message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(message.Payload, type) ?? throw new JsonException("the document is empty");

    private Task RejectAsync(DeviceId device, UpSubject subject, string reason)
    {
        Reject(device, subject, reason);
        return quarantines.CountUnreadableAsync(device, reason);
    }

    private void Reject(DeviceId device, UpSubject subject, string reason)
    {
        if (_rejected.AddOrUpdate(device, 1, (_, n) => n + 1) == 1)
        {
            LogRejected(device, subject, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Device {Device} sends {Subject} that cannot be taken ({Reason}); further ones are only counted")]
    private partial void LogRejected(DeviceId device, UpSubject subject, string reason);

    [LoggerMessage(LogLevel.Error, "What device {Device} sent could not be answered")]
    private partial void LogUnanswered(Exception error, DeviceId device);

    [LoggerMessage(LogLevel.Error, "{Subject} of device {Device} could not be handed over; it stays unacknowledged")]
    private partial void LogUndelivered(Exception error, DeviceId device, UpSubject subject);
}
