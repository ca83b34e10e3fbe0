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
        List<Task> batches = [];
        var quarantined = messages.Any(m => m.Subject == UpSubject.Telemetry) && await quarantines.IsQuarantinedAsync(device, quarantines.Of(device));
        var status = messages.LastOrDefault(m => m.Subject == UpSubject.Status);
        foreach (var message in messages)
        {
            if ((quarantined && message.Subject == UpSubject.Telemetry) || (message.Subject == UpSubject.Status && message != status))
            {
                await message.Done(); // the device keeps the one, and has said better than the other
                continue;
            }

            if (message.Subject == UpSubject.Telemetry)
            {
                // Batches that wait together are stored together; their sequence, not their arrival, is their order.
                batches.Add(DeliverAsync(message, answer, cancellationToken));
                continue;
            }

            await Task.WhenAll(batches);
            await DeliverAsync(message, answer, cancellationToken);
        }

        await Task.WhenAll(batches);
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
    private async Task DeliverAsync(UplinkMessage message, Acknowledgement answer, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await PassOnAsync(message, answer);
                break;
            }
            catch (Exception e) when (e is RejectedBatchException or JsonException or FormatException)
            {
                Reject(message, e.Message);
                Count(message, BatchOutcome.Unreadable);
                await quarantines.CountUnreadableAsync(message.Device, e.Message);
                break;
            }
#pragma warning disable CA1031 // A grain call may fail in as many ways as a cluster can; the message stays the device's.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (attempt == Attempts)
                {
                    LogUndelivered(e, message.Device, message.Subject);
                    Count(message, BatchOutcome.Undelivered);
                    break;
                }
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause *= 2;
        }

        await message.Done();
    }

    private async Task PassOnAsync(UplinkMessage message, Acknowledgement answer)
    {
        var device = grains.GetGrain<IDeviceGrain>(message.Device.ToString());
        switch (message.Subject)
        {
            case UpSubject.Telemetry:
                using (GatewayTraces.Ingest(message.Device, message.TraceParent, message.Payload.Length))
                {
                    Take(message, answer, await device.IngestAsync(new IngestBatch(message.Payload, clock.GetUtcNow()) { Clock = message.Clock }));
                }

                break;
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

    private void Take(UplinkMessage message, Acknowledgement answer, StreamPosition position)
    {
        answer.Stored(position);
        if (position.Refusal is { } refusal)
        {
            Reject(message, refusal.Reason);
        }

        Count(message, position switch { { Refusal: not null } => BatchOutcome.Refused, { Wants.Length: > 0 } => BatchOutcome.Wanting, _ => BatchOutcome.Acknowledged });
    }

    private void Count(UplinkMessage message, BatchOutcome outcome)
    {
        if (message.Subject == UpSubject.Telemetry)
        {
            metrics.Batch(outcome);
        }
    }

    private static T Read<T>(UplinkMessage message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(message.Payload, type) ?? throw new JsonException("the document is empty");

    private void Reject(UplinkMessage message, string reason)
    {
        if (_rejected.AddOrUpdate(message.Device, 1, (_, n) => n + 1) == 1)
        {
            LogRejected(message.Device, message.Subject, reason);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Device {Device} sends {Subject} that cannot be taken ({Reason}); further ones are only counted")]
    private partial void LogRejected(DeviceId device, UpSubject subject, string reason);

    [LoggerMessage(LogLevel.Error, "What device {Device} sent could not be answered")]
    private partial void LogUnanswered(Exception error, DeviceId device);

    [LoggerMessage(LogLevel.Error, "{Subject} of device {Device} could not be handed over; it stays unacknowledged")]
    private partial void LogUndelivered(Exception error, DeviceId device, UpSubject subject);
}
