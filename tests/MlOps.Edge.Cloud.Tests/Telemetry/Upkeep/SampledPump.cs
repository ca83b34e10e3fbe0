using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

/// <summary>A machine that is read once a second, in packed batches of a few frames; what it says follows from the frame's age.</summary>
internal sealed class SampledPump(string asset, int framesPerBatch)
{
    public static readonly Schema Schema = new() { Channels = { new SchemaChannel { Name = "flow", Unit = "m3/h" }, new SchemaChannel { Name = "speed", Unit = "/min" } } };

    private readonly ColumnEncoder _encoder = new();

    public UnitRef Unit { get; } = new(AssetId.Parse(asset), 1);

    public DeviceId Device { get; } = DeviceId.Parse($"edge-{asset}");

    public static float Flow(long frame) => frame % 17 == 3 ? float.NaN : MathF.Round(50 + MathF.Sin(frame / 40f), 2);

    public static float Speed(long frame) => 2900 + frame % 7;

    /// <summary>The batch of a sequence, from 1, with a prediction if asked for.</summary>
    public TelemetryBatch Batch(int sequence, bool predicts = false)
    {
        var first = (sequence - 1) * framesPerBatch;
        var frames = Enumerable.Range(first, framesPerBatch).ToArray();
        var batch = Batches.Of(Device.ToString(), (ulong)sequence);
        batch.Schemas.Add(Schema);
        batch.Readings.Add(new Readings
        {
            Asset = asset,
            Installation = 1,
            MachineKind = "pump",
            FirstFrame = (ulong)first,
            Frames = (uint)framesPerBatch,
            FirstTimeMs = Batches.Start.AddSeconds(first).ToUnixTimeMilliseconds(),
            IntervalMs = 1000,
            Schema = SchemaId.Of(Schema),
            Block = ByteString.CopyFrom(_encoder.Encode([Array.ConvertAll(frames, f => Flow(f)), Array.ConvertAll(frames, f => Speed(f))])),
        });
        if (predicts)
        {
            batch.Predictions.Add(new Predictions
            {
                Asset = asset,
                Installation = 1,
                Model = "m",
                Version = 1,
                ModelDigest = ByteString.CopyFrom(new byte[32]),
                Role = PredictionRole.Active,
                Frames = { (ulong)frames[^1] },
                Outputs = { new OutputColumn { Name = "rul", Values = { sequence } } },
            });
        }

        return batch;
    }

    public TelemetryRecord Record(int sequence, bool predicts = false, DateTimeOffset? receivedAt = null) =>
        BatchCheck.Check(Device, Batch(sequence, predicts).ToByteArray(), receivedAt ?? Batches.Start.AddSeconds(sequence * framesPerBatch));
}
