using System.Diagnostics;
using System.Diagnostics.Metrics;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Monitoring;

/// <summary>
/// What the gateway counts; docs/operate/monitoring.md lists it. No device is ever a label: there are thousands of them, and a name of one's
/// choice would be a new time series each.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = MonitoringNames.Gateway;

    private readonly CountByWord<UpSubject> _messages;
    private readonly Count _bytes;
    private readonly CountByWord<DropReason> _dropped;
    private readonly CountByWord<BatchOutcome> _batches;
    private readonly Count _quarantines;
    private readonly Histogram<double> _answered;
    private readonly Histogram<double> _lag;
    private readonly Meter _meter;

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _messages = new(_meter, "mlops.gateway.messages", "subject", "Messages of devices that came in, by subject.");
        _bytes = new(_meter, "mlops.gateway.received", "By", "Payload bytes of devices that came in.");
        _dropped = new(_meter, "mlops.gateway.dropped", "reason", "Messages dropped unacknowledged, by reason: no room, over the device's rate, or in quarantine.");
        _batches = new(_meter, "mlops.gateway.batches", "outcome", "Batches that the rooms have dealt with, by outcome.");
        _quarantines = new(_meter, "mlops.gateway.quarantines", null, "Quarantines that were begun.");
        _answered = _meter.CreateHistogram(
            "mlops.gateway.acknowledgement.duration", "s", "From a batch's arrival to its acknowledgement, both at the gateway.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });
        _lag = _meter.CreateHistogram(
            "mlops.device.lag", "s", "The age of a device's oldest reading that is not acknowledged, whenever one says it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 5, 10, 30, 60, 300, 1800, 3600, 21600, 86400, 604800] });
    }

    public void Received(UpSubject subject, long bytes)
    {
        _messages.Add(subject, 1);
        _bytes.Add(bytes);
    }

    public void Dropped(DropReason reason) => _dropped.Add(reason, 1);

    public void Batches(BatchOutcome outcome, int count) => _batches.Add(outcome, count);

    public void QuarantineBegan() => _quarantines.Add(1);

    public void Answered(TimeSpan after) => _answered.Record(after.TotalSeconds);

    public void Lag(TimeSpan lag) => _lag.Record(lag.TotalSeconds);

    /// <summary>Looks at what is in flight whenever somebody asks for the metrics.</summary>
    public void Watch(Func<int> messages, Func<long> bytes, Func<bool> connected)
    {
        _meter.CreateObservableGauge("mlops.gateway.inflight.messages", messages, null, "Messages that are taken and not yet stored.");
        _meter.CreateObservableGauge("mlops.gateway.inflight.size", bytes, "By", "Bytes that are taken and not yet stored.");
        _meter.CreateObservableGauge("mlops.gateway.connected", () => connected() ? 1 : 0, null, "1 while the gateway is connected to the broker.");
    }
}

internal enum DropReason { Room, Rate, Quarantine }

internal enum BatchOutcome { Acknowledged, Refused, Wanting, Unreadable, Undelivered }

/// <summary>Spans of the gateway, from a batch's arrival to the grain's answer. They go on from the device's own where it sends its <c>traceparent</c>.</summary>
internal static class GatewayTraces
{
    private static readonly ActivitySource Source = new(MonitoringNames.Gateway);

    /// <summary>Null where nobody listens. It goes on from the first batch, and is linked to the others.</summary>
    public static Activity? Ingest(DeviceId device, IReadOnlyList<UplinkMessage> batches)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var links = batches.Skip(1).Select(batch => Context(batch.TraceParent)).OfType<ActivityContext>().Select(context => new ActivityLink(context));
        var activity = Source.StartActivity("ingest", ActivityKind.Consumer, Context(batches[0].TraceParent) ?? default, links: links);
        activity?.SetTag("mlops.device", device.ToString());
        activity?.SetTag("messaging.batch.message_count", batches.Count);
        activity?.SetTag("messaging.message.body.size", batches.Sum(batch => batch.Payload.Length));
        return activity;
    }

    private static ActivityContext? Context(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : null;
}
