using System.Diagnostics.Metrics;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Host.Monitoring;

/// <summary>What the rooms know, as numbers: looked up every few seconds, so that whoever asks for the metrics costs them nothing. No device is a label.</summary>
internal sealed class CloudMetrics : BackgroundService
{
    public const string MeterName = "MlOps.Edge.Cloud";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ITelemetryStore _telemetry;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _clock;
    private readonly Outage _storeAway;
    private readonly Outage _fleetAway;
    private volatile TelemetryTotals? _totals;
    private volatile FleetFigures? _fleet;

    public CloudMetrics(IMeterFactory meters, ITelemetryStore telemetry, IGrainFactory grains, TimeProvider clock, ILogger<CloudMetrics> logger)
    {
        (_telemetry, _grains, _clock) = (telemetry, grains, clock);
        (_storeAway, _fleetAway) = (new("the telemetry store", logger), new("the fleet", logger));
        var meter = meters.Create(MeterName);
        meter.CreateObservableCounter("mlops.telemetry.batches", () => Of(_totals, t => t.Batches), null, "Batches stored, since the database was made.");
        meter.CreateObservableCounter("mlops.telemetry.readings", () => Of(_totals, t => t.Readings), null, "Values stored (frames by channels).");
        meter.CreateObservableCounter("mlops.telemetry.stored", () => Of(_totals, t => t.Bytes), "By", "Bytes of the batches that are stored.");
        meter.CreateObservableCounter("mlops.telemetry.duplicates", () => Of(_totals, t => t.Duplicates), null, "Repeats that were recognised and not stored again.");
        meter.CreateObservableCounter("mlops.telemetry.dead_letters", () => Of(_totals, t => t.DeadLetters), null, "Batches that could never be stored and were put aside.");
        meter.CreateObservableGauge("mlops.devices", Links, null, "Devices by link.");
        meter.CreateObservableGauge("mlops.devices.quarantined", () => Of(_fleet, f => f.Quarantined), null, "Devices whose telemetry is not taken for now.");
        meter.CreateObservableGauge("mlops.devices.lag.max", () => Of(_fleet, f => f.MaxLag.TotalSeconds), "s", "The age of the oldest reading of any device that is not acknowledged.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The cloud stops.
        }
    }

    // Either may be away without the other; the figures stay as they were.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await _storeAway.WatchAsync(async () => _totals = await _telemetry.CountAsync(cancellationToken), cancellationToken);
        await _fleetAway.WatchAsync(async () => _fleet = FleetFigures.Of(await _grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new()), _clock.GetUtcNow()), cancellationToken);
    }

    private static IEnumerable<Measurement<TValue>> Of<T, TValue>(T? known, Func<T, TValue> value)
        where T : class
        where TValue : struct => known is null ? [] : [new(value(known))];

    private IEnumerable<Measurement<long>> Links() => _fleet is { } fleet ? [Count(fleet.Online, "online"), Count(fleet.Offline, "offline")] : [];

    private static Measurement<long> Count(long devices, string link) => new(devices, new KeyValuePair<string, object?>("link", link));

    private sealed record FleetFigures(long Online, long Offline, long Quarantined, TimeSpan MaxLag)
    {
        public static FleetFigures Of(DeviceSummary[] devices, DateTimeOffset now) => new(
            devices.Count(d => d.Online),
            devices.Count(d => !d.Online),
            devices.Count(d => d.Quarantine?.IsOver(now) == false),
            devices.Select(d => DeviceLag.At(now, d.Lag, d.Online, d.LastSeen) ?? TimeSpan.Zero).DefaultIfEmpty().Max());
    }
}
