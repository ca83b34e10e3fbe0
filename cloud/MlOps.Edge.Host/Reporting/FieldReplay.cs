using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Host.Reporting;

/// <summary>The field as the raw store tells it: every batch decoded once, every unit with its predictions and its end.</summary>
internal sealed class FieldReplay
{
    private readonly SortedDictionary<UnitRef, FieldUnit> _units = [];

    public IReadOnlyCollection<FieldUnit> Units => _units.Values;

    /// <summary>Values stored, each frame of a unit once.</summary>
    public long StoredReadings { get; private set; }

    /// <summary>Values that stand in more than one batch.</summary>
    public long DuplicateReadings { get; private set; }

    public static async Task<FieldReplay> LoadAsync(ITelemetryStore store, IMaintenanceLog maintenance, CancellationToken cancellationToken)
    {
        var replay = new FieldReplay();
        long position = 0;
        while (await store.ReadAsync(position, limit: 500, cancellationToken) is { Count: > 0 } batches)
        {
            foreach (var batch in batches)
            {
                replay.Add(batch.Device, TelemetryReader.Decode(batch));
                position = batch.Position;
            }
        }

        foreach (var (_, entry) in await maintenance.ReadAsync(0, cancellationToken))
        {
            if (entry.Kind is MaintenanceKind.Failure or MaintenanceKind.Replaced && replay._units.TryGetValue(entry.Unit, out var unit))
            {
                unit.End = entry;
            }
        }

        return replay;
    }

    private void Add(DeviceId device, TelemetryBatch batch)
    {
        foreach (var readings in batch.Readings)
        {
            var unit = Unit(readings.Asset, (int)readings.Installation, device);
            var columns = ReadingColumns.Of(batch, readings).Count;
            for (uint i = 0; i < readings.Frames; i++)
            {
                if (unit.AddFrame((long)readings.FirstFrame + i, TimeMs(readings, (int)i), columns))
                {
                    StoredReadings += columns;
                }
                else
                {
                    DuplicateReadings += columns;
                }
            }
        }

        foreach (var predictions in batch.Predictions)
        {
            Unit(predictions.Asset, (int)predictions.Installation, device).AddPredictions(predictions);
        }
    }

    private static long TimeMs(Readings readings, int frame) => readings.IntervalMs > 0
        ? readings.FirstTimeMs + ((long)frame * readings.IntervalMs)
        : readings.FirstTimeMs + readings.TimeDeltasMs.Take(frame).Sum(d => (long)d);

    private FieldUnit Unit(string asset, int installation, DeviceId device)
    {
        var id = new UnitRef(AssetId.Parse(asset), installation);
        if (!_units.TryGetValue(id, out var unit))
        {
            _units.Add(id, unit = new(id, device));
        }

        return unit;
    }
}

/// <summary>One unit as the store knows it.</summary>
internal sealed class FieldUnit(UnitRef id, DeviceId device)
{
    private readonly SortedDictionary<long, (long TimeMs, int Values)> _frames = [];
    private readonly SortedDictionary<int, SortedDictionary<long, FieldPrediction>> _predictions = [];

    public UnitRef Id { get; } = id;

    public DeviceId Device { get; } = device;

    /// <summary>What ended it; null: it still runs.</summary>
    public MaintenanceEvent? End { get; set; }

    public bool Failed => End is { Kind: MaintenanceKind.Failure };

    public IReadOnlyCollection<long> Frames => _frames.Keys;

    public long FirstFrame => _frames.Keys.First();

    public long LastFrame => _frames.Keys.Last();

    public DateTimeOffset TimeOf(long frame) => DateTimeOffset.FromUnixTimeMilliseconds(_frames[frame].TimeMs);

    /// <summary>How many values of a frame are stored; 0: the frame is not.</summary>
    public int ValuesOf(long frame) => _frames.TryGetValue(frame, out var found) ? found.Values : 0;

    /// <summary>Versions that said something of it, active or as a shadow.</summary>
    public IReadOnlyCollection<int> Versions => _predictions.Keys;

    /// <summary>What a version said, by the last frame of its window.</summary>
    public IReadOnlyDictionary<long, FieldPrediction> PredictionsOf(int version) =>
        _predictions.TryGetValue(version, out var found) ? found : SortedDictionaryOf.Nothing;

    /// <summary>What the device went by, age by age: a new stretch wherever another version became the active one.</summary>
    public ActiveStretch[] ActiveStretches()
    {
        var stretches = new List<(int Version, List<(long Frame, FieldPrediction Said)> Windows)>();
        var active = _predictions.SelectMany(v => v.Value.Where(p => p.Value.Active).Select(p => (Version: v.Key, Frame: p.Key, Said: p.Value)));
        foreach (var (version, frame, said) in active.OrderBy(p => p.Frame).ThenBy(p => p.Version).DistinctBy(p => p.Frame))
        {
            if (stretches is not [.., var last] || last.Version != version)
            {
                stretches.Add(last = (version, []));
            }

            last.Windows.Add((frame, said));
        }

        return [.. stretches.Select(s => new ActiveStretch(s.Version, s.Windows))];
    }

    public bool AddFrame(long frame, long timeMs, int values) => _frames.TryAdd(frame, (timeMs, values));

    public void AddPredictions(Predictions predictions)
    {
        var rul = Output(predictions, "rul");
        var lower = Output(predictions, "rul_lower");
        var upper = Output(predictions, "rul_upper");
        if (rul is null || lower is null || upper is null)
        {
            return; // a model of another kind: it has no remaining useful life to report on
        }

        if (!_predictions.TryGetValue((int)predictions.Version, out var byFrame))
        {
            _predictions.Add((int)predictions.Version, byFrame = []);
        }

        for (var i = 0; i < predictions.Frames.Count; i++)
        {
            byFrame.TryAdd((long)predictions.Frames[i], new(rul[i], lower[i], upper[i], predictions.Role == PredictionRole.Active));
        }
    }

    private static Google.Protobuf.Collections.RepeatedField<float>? Output(Predictions predictions, string name) =>
        predictions.Outputs.FirstOrDefault(o => o.Name == name)?.Values;

    private static class SortedDictionaryOf
    {
        public static readonly SortedDictionary<long, FieldPrediction> Nothing = [];
    }
}

/// <summary>Remaining useful life in sample intervals, with its interval.</summary>
internal readonly record struct FieldPrediction(float Rul, float Lower, float Upper, bool Active);

/// <summary>A stretch of a unit's life in which one version was the active one on its device; a frame is the last of its window.</summary>
internal sealed record ActiveStretch(int Version, IReadOnlyList<(long Frame, FieldPrediction Said)> Windows);
