using Google.Protobuf;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The batch that is being filled. In memory only: until it is committed, a power cut may take it.</summary>
/// <param name="clock">Of the device.</param>
internal sealed class OpenBatch(SessionClock clock)
{
    private readonly List<OpenReadings> _closed = [];
    private readonly Dictionary<AssetId, OpenReadings> _readings = [];
    private readonly Dictionary<(UnitRef, Sha256Digest, PredictionRole), Predictions> _predictions = [];
    private readonly List<Sketch> _sketches = [];
    private readonly List<Gap> _gaps = [];
    private readonly ColumnEncoder _encoder = new();
    private readonly BatchClock _clock = new(clock);
    private bool _hasOtherTimes;

    /// <summary>Frames over all machines.</summary>
    public int Frames { get; private set; }

    /// <summary>What the readings take on the wire at most, nearly all of a batch.</summary>
    public long Bytes { get; private set; }

    // Whether all of its frames have the device's own times.
    private bool IsClocked => Frames > 0 && !_hasOtherTimes;

    public bool IsEmpty => Frames == 0 && _sketches.Count == 0;

    public void Add(MachineFrame frame, IMachineFeed feed)
    {
        if (feed.IsClocked)
        {
            frame = frame with { Time = _clock.TimeOf(frame.Time) };
        }

        if (_readings.TryGetValue(frame.Unit.Asset, out var open) && !open.Continues(frame))
        {
            _closed.Add(open);
            open = null;
        }

        if (open is null)
        {
            _readings[frame.Unit.Asset] = open = new(frame, feed.MachineKind, feed.Channels);
        }

        open.Add(frame);
        Frames++;
        _hasOtherTimes |= !feed.IsClocked;
        Bytes += frame.Values.Length * sizeof(float);
    }

    /// <summary>Notes what the model's outputs say now.</summary>
    public void Add(UnitRef unit, BoundModel model, long age)
    {
        var key = (unit, model.Manifest.Digest, model.Role);
        if (!_predictions.TryGetValue(key, out var predictions))
        {
            _predictions[key] = predictions = new()
            {
                Asset = unit.Asset.ToString(),
                Installation = (uint)unit.Installation,
                Model = model.Manifest.Model,
                Version = (uint)model.Manifest.Version,
                ModelDigest = ByteString.CopyFrom(model.Manifest.Digest.ToHash()),
                Role = model.Role,
            };
            predictions.Outputs.AddRange(model.Model.Outputs.SelectMany(Names).Select(name => new OutputColumn { Name = name }));
        }

        predictions.Frames.Add((ulong)age);
        var column = 0;
        foreach (var value in model.Model.Outputs.SelectMany(output => output.Values))
        {
            predictions.Outputs[column++].Values.Add(value);
        }
    }

    public void Add(Sketch? sketch)
    {
        if (sketch is not null)
        {
            _sketches.Add(sketch);
        }
    }

    /// <summary>Notes frames that will never come.</summary>
    public void Add(Gap gap) => _gaps.Add(gap);

    /// <summary>The contents for the wire; the batch begins again empty.</summary>
    public TelemetryBatch Take()
    {
        var batch = new TelemetryBatch { Clock = IsClocked ? _clock.Now : null };
        OpenReadings[] open = [.. _closed.Concat(_readings.Values)];
        batch.Readings.AddRange(open.Select(o => o.ToReadings(_encoder))
            .OrderBy(r => r.Asset, StringComparer.Ordinal).ThenBy(r => r.Installation).ThenBy(r => r.FirstFrame));
        batch.Schemas.AddRange(open.Select(o => (Id: SchemaId.Of(o.Schema), o.Schema)).DistinctBy(s => s.Id)
            .OrderBy(s => s.Id.ToBase64(), StringComparer.Ordinal).Select(s => s.Schema));
        batch.Predictions.AddRange(_predictions.Values
            .OrderBy(p => p.Asset, StringComparer.Ordinal).ThenBy(p => p.Installation).ThenBy(p => p.Role).ThenBy(p => p.Version));
        batch.Sketches.AddRange(_sketches);
        batch.Gaps.AddRange(_gaps);
        _closed.Clear();
        _readings.Clear();
        _predictions.Clear();
        _sketches.Clear();
        _gaps.Clear();
        (Frames, Bytes, _hasOtherTimes) = (0, 0, false);
        _clock.Reset();
        return batch;
    }

    // One column per value: a vector of classes becomes name[0], name[1], …
    private static IEnumerable<string> Names(ModelOutput output) =>
        output.Values.Length == 1 ? [output.Name] : Enumerable.Range(0, output.Values.Length).Select(i => $"{output.Name}[{i}]");
}

/// <summary>Consecutive frames of one installation, by column.</summary>
internal sealed class OpenReadings(MachineFrame first, string machineKind, IReadOnlyList<ChannelSpec> channels)
{
    private readonly List<float>[] _columns = [.. channels.Select(_ => new List<float>())];
    private readonly List<uint> _deltas = [];
    private long _lastMs = first.Time.ToUnixTimeMilliseconds();

    public Schema Schema { get; } = new() { Channels = { channels.Select(c => new SchemaChannel { Name = c.Name, Unit = c.Unit }) } };

    private int Frames => _columns[0].Count;

    /// <summary>Whether a frame goes on where these end: the same unit, the next age, a clock that did not jump.</summary>
    public bool Continues(MachineFrame frame) =>
        frame.Unit == first.Unit && frame.Age == first.Age + Frames && frame.Time.ToUnixTimeMilliseconds() - _lastMs is >= 0 and <= uint.MaxValue;

    public void Add(MachineFrame frame)
    {
        var ms = frame.Time.ToUnixTimeMilliseconds();
        if (Frames > 0)
        {
            _deltas.Add((uint)(ms - _lastMs));
        }

        _lastMs = ms;
        var values = frame.Values.Span;
        for (var i = 0; i < _columns.Length; i++)
        {
            _columns[i].Add(values[i]);
        }
    }

    public Readings ToReadings(ColumnEncoder encoder)
    {
        var even = _deltas.Count > 0 && _deltas[0] > 0 && _deltas.All(delta => delta == _deltas[0]);
        var readings = new Readings
        {
            Asset = first.Unit.Asset.ToString(),
            Installation = (uint)first.Unit.Installation,
            MachineKind = machineKind,
            FirstFrame = (ulong)first.Age,
            Frames = (uint)Frames,
            FirstTimeMs = first.Time.ToUnixTimeMilliseconds(),
            IntervalMs = even ? _deltas[0] : 0,
            Schema = SchemaId.Of(Schema),
            Block = UnsafeByteOperations.UnsafeWrap(encoder.Encode(_columns.Select(column => (ReadOnlyMemory<float>)column.ToArray()))),
        };
        if (!even)
        {
            readings.TimeDeltasMs.AddRange(_deltas);
        }

        return readings;
    }
}
