using Google.Protobuf;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Agent.Inference;

/// <summary>
/// Counts one installation's frames against the active model's reference. An increment goes into the very batch that
/// holds its block's last frame; after a restart the block that was begun is counted again from the ring.
/// </summary>
internal sealed class SketchTally
{
    private SketchCounter? _counter;
    private ByteString _reference = ByteString.Empty;
    private BoundModel? _model;
    private float[] _row = [];

    /// <summary>Counts one frame; gives the increment when a block is complete.</summary>
    public Sketch? Add(UnitRef unit, ReadOnlySpan<float> frame, long age)
    {
        if (_counter is null || _model is null)
        {
            return null;
        }

        _model.Pick(frame, _row);
        _counter.Add(_row, age);
        return _counter.Due ? Flush(unit) : null;
    }

    /// <summary>Changes the reference; gives what was counted against the old one.</summary>
    /// <param name="unit">Whose frames were counted so far; null: nobody's.</param>
    /// <param name="model">The active model now.</param>
    public Sketch? Switch(UnitRef? unit, BoundModel? model)
    {
        var reference = model?.Manifest.SketchSpec is { } digest ? ByteString.CopyFrom(digest.ToHash()) : ByteString.Empty;
        _model = model;
        _row = new float[model?.Manifest.Channels.Count ?? 0];
        if (reference.Equals(_reference))
        {
            return null;
        }

        var rest = unit is { } counted ? Flush(counted) : null;
        _reference = reference;
        _counter = model?.Model.Sketch is { } spec ? new(spec) : null;
        return rest;
    }

    /// <summary>Another installation begins; gives what was counted of the old one.</summary>
    public Sketch? Renew(UnitRef unit)
    {
        var rest = Flush(unit);
        _counter = _counter is null ? null : new(_counter.Spec);
        return rest;
    }

    /// <summary>Counts again what a block had counted before a restart.</summary>
    /// <param name="ring">The last frames, oldest first.</param>
    /// <param name="lastAge">Age of the newest of them.</param>
    public void Recount(IReadOnlyList<float[]> ring, long lastAge)
    {
        if (_counter is null || _model is null)
        {
            return;
        }

        var begun = (lastAge + 1) / _counter.Spec.Block * _counter.Spec.Block;
        for (var age = Math.Max(begun, lastAge + 1 - ring.Count); age <= lastAge; age++)
        {
            _model.Pick(ring[(int)(age - lastAge) + ring.Count - 1], _row);
            _counter.Add(_row, age);
        }
    }

    private Sketch? Flush(UnitRef unit) => _counter?.Flush() is { } increment
        ? new()
        {
            Asset = unit.Asset.ToString(),
            Installation = (uint)unit.Installation,
            Reference = _reference,
            FirstFrame = (ulong)increment.FirstFrame,
            LastFrame = (ulong)increment.LastFrame,
            Counts = UnsafeByteOperations.UnsafeWrap(increment.ToBytes()),
        }
        : null;
}
