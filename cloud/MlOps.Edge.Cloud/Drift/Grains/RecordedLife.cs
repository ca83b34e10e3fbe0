using MlOps.Edge.Cloud.Drift.Field;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>What is stored of a failed unit's life: which frames, and what each version of a model said of them.</summary>
internal sealed class RecordedLife
{
    private readonly AwaitedFailure _failure;
    private readonly HashSet<long> _frames = [];
    private readonly SortedDictionary<int, SortedDictionary<long, PredictionRecord>> _versions = [];

    private RecordedLife(AwaitedFailure failure) => _failure = failure;

    /// <summary>Every frame from the first one recorded to the failure is here.</summary>
    public bool IsComplete => _frames.Count > 0 && _frames.Count == _failure.Frame - _frames.Min() + 1;

    public static async Task<RecordedLife> ReadAsync(ITelemetryStore telemetry, string model, AwaitedFailure failure, CancellationToken cancellationToken)
    {
        var life = new RecordedLife(failure);
        var unit = UnitRef.Parse(failure.Unit);
        await foreach (var stored in telemetry.ReadUnitAsync(unit, cancellationToken))
        {
            var batch = TelemetryReader.Decode(stored);
            foreach (var block in batch.Readings.Where(r => r.Asset == unit.Asset.ToString() && r.Installation == (uint)unit.Installation))
            {
                life.AddFrames((long)block.FirstFrame, block.Frames);
            }

            foreach (var prediction in TelemetryReader.Predictions(stored, batch).Where(p => p.Unit == unit && p.Model == model))
            {
                life.Add(prediction);
            }
        }

        return life;
    }

    /// <summary>One score for each version that predicted anything of it, active or shadow alike.</summary>
    /// <param name="cap">Truth and prediction are both min(·, cap), in sample intervals.</param>
    public IEnumerable<VersionScore> Scores(double cap, int stride)
    {
        var lifetime = _failure.Frame + 1;
        foreach (var (version, predictions) in _versions)
        {
            var score = UnitScore.Of(_failure.Unit, predictions.Values.Select(p => new RulPrediction(p.Frame, p.Rul, p.RulLower, p.RulUpper)), _failure.Frame, cap);
            if (score is not null)
            {
                // A tenth may be missing: the first windows of a device that fetched its model a little late.
                var whole = score.Windows * stride * 10 >= lifetime * 9;
                yield return new(version, predictions.Values.Last().Device.ToString(), whole, score);
            }
        }
    }

    private void AddFrames(long first, uint count)
    {
        for (var frame = first; frame < first + count && frame <= _failure.Frame; frame++)
        {
            _frames.Add(frame);
        }
    }

    // A slot that changed its role may have predicted a window twice; what was stored first counts.
    private void Add(PredictionRecord prediction)
    {
        if (prediction.Frame <= _failure.Frame && float.IsFinite(prediction.Rul) && float.IsFinite(prediction.RulLower) && float.IsFinite(prediction.RulUpper))
        {
            (_versions.TryGetValue(prediction.Version, out var known) ? known : _versions[prediction.Version] = []).TryAdd(prediction.Frame, prediction);
        }
    }
}

/// <param name="WholeLife">It predicted (nearly) every window of the unit's life, so that its error can be held against units it was judged on.</param>
internal sealed record VersionScore(int Version, string Device, bool WholeLife, UnitScore Score);
