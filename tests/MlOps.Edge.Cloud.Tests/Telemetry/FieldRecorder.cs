using Google.Protobuf;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

/// <summary>Puts lives into the real stores the way they come from devices: as checked batches and maintenance events.</summary>
/// <param name="before">The recorder whose devices' streams go on; null: they begin.</param>
internal sealed class FieldRecorder(ITelemetryStore telemetry, IMaintenanceLog maintenance, ModelDefinition model, FieldRecorder? before = null)
{
    private readonly Dictionary<string, ulong> _sequences = before?._sequences ?? [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Frame 0 of every unit is at <paramref name="installed"/>.</summary>
    public async Task LiveAsync(UnitHistory unit, string device, DateTimeOffset installed, int from = 0, int? to = null, int framesPerBatch = 50)
    {
        for (var first = from; first < (to ?? unit.Frames); first += framesPerBatch)
        {
            await SendAsync(device, b => b.Readings.Add(Readings(unit, installed, first, Math.Min(framesPerBatch, (to ?? unit.Frames) - first))));
        }
    }

    /// <summary>One batch with these frames and all that an agent makes of them.</summary>
    /// <param name="counter">Counts the frames; the batch carries what it has counted.</param>
    /// <param name="models">What each version says at each frame.</param>
    public Task WatchedAsync(UnitHistory unit, string device, DateTimeOffset installed, int from, int to, SketchCounter? counter = null, params FieldModel[] models) =>
        SendAsync(device, batch =>
        {
            batch.Readings.Add(Readings(unit, installed, from, to - from));
            batch.Predictions.AddRange(models.Select(m => Predictions(unit, from, to, m)));
            for (var frame = from; frame < to && counter is not null; frame++)
            {
                counter.Add(unit.Row(frame), unit.FirstFrame + frame);
            }

            if (counter?.Flush() is { } counted)
            {
                batch.Sketches.Add(Sketch(unit, counter.Spec, counted));
            }
        });

    /// <summary>The unit failed in its last frame.</summary>
    public Task FailAsync(UnitHistory unit, DateTimeOffset installed) => EndAsync(unit, installed, MaintenanceKind.Failure, unit.FirstFrame + unit.Frames - 1);

    /// <summary>The unit was replaced before it failed.</summary>
    public Task ReplaceAsync(UnitHistory unit, DateTimeOffset installed, long last) => EndAsync(unit, installed, MaintenanceKind.Replaced, last);

    private Task<long> EndAsync(UnitHistory unit, DateTimeOffset installed, MaintenanceKind kind, long last)
    {
        var reference = UnitRef.Parse(unit.Unit);
        return maintenance.AppendAsync(
            new()
            {
                Id = $"{unit.Unit}/{kind}",
                Asset = reference.Asset.ToString(),
                Installation = reference.Installation,
                Kind = kind,
                Frame = last,
                At = installed + model.SampleInterval * last,
            },
            Cancelled);
    }

    public async Task SendAsync(string device, Action<TelemetryBatch> fill)
    {
        var id = DeviceId.Parse(device);
        var batch = Batches.Of(device, _sequences[device] = _sequences.GetValueOrDefault(device) + 1);
        fill(batch);
        Assert.Equal(AppendOutcome.Stored, await telemetry.AppendAsync(BatchCheck.Check(id, batch.ToByteArray(), Batches.Start), Cancelled));
    }

    public static Sketch Sketch(UnitHistory unit, SketchSpec spec, SketchIncrement counted)
    {
        var reference = UnitRef.Parse(unit.Unit);
        return new()
        {
            Asset = reference.Asset.ToString(),
            Installation = (uint)reference.Installation,
            Reference = ByteString.CopyFrom(spec.Digest()),
            FirstFrame = (ulong)counted.FirstFrame,
            LastFrame = (ulong)counted.LastFrame,
            Counts = ByteString.CopyFrom(counted.ToBytes()),
        };
    }

    private Predictions Predictions(UnitHistory unit, int from, int to, FieldModel says)
    {
        var reference = UnitRef.Parse(unit.Unit);
        long[] frames = [.. Enumerable.Range(from, to - from).Select(f => unit.FirstFrame + f)];
        var predictions = new Predictions
        {
            Asset = reference.Asset.ToString(),
            Installation = (uint)reference.Installation,
            Model = model.Name,
            Version = (uint)says.Version,
            ModelDigest = ByteString.CopyFrom(new byte[Sha256Digest.Bytes]),
            Role = says.Role,
        };
        predictions.Frames.AddRange(frames.Select(f => (ulong)f));
        void Output(string name, float more)
        {
            var column = new OutputColumn { Name = name };
            column.Values.AddRange(frames.Select(f => says.Rul(f) + more));
            predictions.Outputs.Add(column);
        }

        Output("rul", 0);
        Output("rul_lower", -says.Around);
        Output("rul_upper", says.Around);
        return predictions;
    }

    private Readings Readings(UnitHistory unit, DateTimeOffset installed, int first, int count)
    {
        var reference = UnitRef.Parse(unit.Unit);
        var readings = new Readings
        {
            Asset = reference.Asset.ToString(),
            Installation = (uint)reference.Installation,
            MachineKind = model.MachineKind,
            FirstFrame = (ulong)(unit.FirstFrame + first),
            Frames = (uint)count,
            FirstTimeMs = (installed + model.SampleInterval * (unit.FirstFrame + first)).ToUnixTimeMilliseconds(),
            IntervalMs = (uint)model.SampleInterval.TotalMilliseconds,
        };
        readings.Columns.AddRange(model.Channels.Index().Select(c => new Column
        {
            Channel = c.Item.Name,
            Unit = c.Item.Unit,
            Float32 = Batches.Encode([.. Enumerable.Range(first, count).Select(frame => unit.Row(frame)[c.Index])]),
        }));
        return readings;
    }
}

/// <summary>A model version whose answers are a law.</summary>
/// <param name="Rul">By the age of a window's last frame.</param>
/// <param name="Around">Half the width of its interval.</param>
internal sealed record FieldModel(int Version, PredictionRole Role, Func<long, float> Rul, float Around);
