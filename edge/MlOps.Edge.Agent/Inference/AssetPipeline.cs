using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Inference;

/// <summary>One machine's way from frame to batch: ring, sketch, predictions. Stepped by one caller at a time.</summary>
internal sealed class AssetPipeline
{
    private readonly FrameWindow _ring;
    private readonly float[] _history;
    private readonly SketchTally _tally = new();
    private readonly IPredictionWatch _watch;
    private readonly List<float[]> _uncommitted = [];
    private IReadOnlyList<float[]> _restored;
    private BoundModel? _active;
    private BoundModel? _shadow;
    private UnitRef? _unit;
    private long _age = -1;
    private DateTimeOffset? _time;
    private bool _renewed;

    /// <param name="feed">The machine.</param>
    /// <param name="historyFrames">Frames that the ring holds.</param>
    /// <param name="resume">Where the last commit left it, and the ring's frames then.</param>
    /// <param name="watch">Learns how the models do.</param>
    public AssetPipeline(IMachineFeed feed, int historyFrames, (ResumePoint? Point, IReadOnlyList<float[]> Ring) resume, IPredictionWatch watch)
    {
        Feed = feed;
        _watch = watch;
        _ring = new(historyFrames, feed.Channels.Count);
        _history = new float[_ring.Size];

        // A ring of other channels is another sensor's: it does not count.
        _restored = resume.Ring.All(frame => frame.Length == feed.Channels.Count) ? resume.Ring : [];
        if (resume.Point is { } point)
        {
            (_unit, _age, _time) = (point.Unit, point.Age, point.Time);
            foreach (var frame in _restored)
            {
                _ring.Push(frame);
            }
        }
    }

    public IMachineFeed Feed { get; }

    /// <summary>The last frame that was sampled; null, or age -1: none yet.</summary>
    public ResumePoint? Last => _unit is { } unit ? new(unit, _age) : null;

    /// <summary>Takes one frame through ring, sketch and models into the batch.</summary>
    /// <returns>Whether there was one.</returns>
    public async ValueTask<bool> StepAsync(LiveModels models, OpenBatch batch, CancellationToken cancellationToken)
    {
        if (await Feed.NextAsync(cancellationToken) is not { } frame)
        {
            return false;
        }

        Bind(models, batch);
        if (frame.Unit != _unit || frame.Age != _age + 1)
        {
            Renew(frame, batch);
        }

        (_unit, _age, _time) = (frame.Unit, frame.Age, frame.Time);
        var values = frame.Values.Span;
        _ring.Push(values);
        _uncommitted.Add(values.ToArray());
        batch.Add(frame, Feed);
        batch.Add(_tally.Add(frame.Unit, values, frame.Age));
        Predict(_active, SlotRole.Active, batch);
        Predict(_shadow, SlotRole.Shadow, batch);
        return true;
    }

    /// <summary>What the next commit says of this machine; null: nothing new.</summary>
    public AssetProgress? TakeProgress()
    {
        if (_uncommitted.Count == 0 || _unit is not { } unit)
        {
            return null;
        }

        var progress = new AssetProgress(unit, _age, _renewed, [.. _uncommitted], _time);
        _uncommitted.Clear();
        _renewed = false;
        return progress;
    }

    private void Bind(LiveModels models, OpenBatch batch)
    {
        if (_active?.Model != models.Active)
        {
            _active = Bound(models.Active, PredictionRole.Active);
            batch.Add(_tally.Switch(_unit, _active));
        }

        if (_restored.Count > 0)
        {
            _tally.Recount(_restored, _age);
            _restored = [];
        }

        if (_shadow?.Model != models.Shadow)
        {
            _shadow = Bound(models.Shadow, PredictionRole.Shadow);
        }
    }

    private BoundModel? Bound(OnnxModel? model, PredictionRole role) =>
        model is not null && model.Manifest.Window <= _ring.Frames && ChannelBinding.TryBind(model.Manifest, Feed, out _) is { } binding
            ? new(model, binding, role)
            : null;

    // Another installation, or frames that are missing in between: no window straddles either.
    private void Renew(MachineFrame frame, OpenBatch batch)
    {
        if (_unit is { } old)
        {
            batch.Add(_tally.Renew(old));
        }

        if (Feed.IsClocked && frame.Unit == _unit && frame.Age > _age + 1)
        {
            batch.Add(Stopped(frame));
        }

        _ring.Clear();
        _uncommitted.Clear();
        _renewed = true;
    }

    // Where the clock does not say that any time has passed, it says nothing of when.
    private Gap Stopped(MachineFrame frame) => new()
    {
        Reason = GapReason.Stopped,
        Asset = frame.Unit.Asset.ToString(),
        Installation = (uint)frame.Unit.Installation,
        FirstFrame = (ulong)(_age + 1),
        LastFrame = (ulong)frame.Age - 1,
        Readings = (ulong)((frame.Age - _age - 1) * Feed.Channels.Count),
        FirstTimeMs = _time < frame.Time ? _time.Value.ToUnixTimeMilliseconds() : 0,
        LastTimeMs = _time < frame.Time ? frame.Time.ToUnixTimeMilliseconds() : 0,
    };

    private void Predict(BoundModel? model, SlotRole role, OpenBatch batch)
    {
        if (model is null || _age % model.Manifest.Stride != 0)
        {
            return;
        }

        try
        {
            _ring.CopyTo(_history);
            if (model.Predict(_history, Feed.Channels.Count))
            {
                batch.Add(_unit!.Value, model, _age);
            }

            _watch.Predicted(role, model.Model);
        }
        catch (InferenceException e)
        {
            _watch.Faulted(role, model.Model, e.Message);
        }
    }
}
