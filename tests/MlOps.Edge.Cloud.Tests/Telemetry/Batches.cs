using System.Buffers.Binary;
using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

/// <summary>Well-formed batches to start from.</summary>
internal static class Batches
{
    public static readonly byte[] Epoch = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TelemetryBatch Of(string device, ulong sequence, params Readings[] readings)
    {
        var batch = new TelemetryBatch
        {
            Protocol = 1,
            StreamEpoch = ByteString.CopyFrom(Epoch),
            Sequence = sequence,
            Kind = StreamKind.Live,
            Device = device,
        };
        batch.Readings.AddRange(readings);
        return batch;
    }

    /// <summary>One value per frame and channel; one hour between frames; frame 0 is at <see cref="Start"/>.</summary>
    public static Readings Readings(string asset, uint installation, ulong firstFrame, params (string Channel, float[] Values)[] columns)
    {
        var readings = new Readings
        {
            Asset = asset,
            Installation = installation,
            MachineKind = "pump",
            FirstFrame = firstFrame,
            Frames = (uint)columns[0].Values.Length,
            FirstTimeMs = Start.AddHours(firstFrame).ToUnixTimeMilliseconds(),
            IntervalMs = 3_600_000,
        };
        readings.Columns.AddRange(columns.Select(column => new Column { Channel = column.Channel, Unit = "1", Float32 = Encode(column.Values) }));
        return readings;
    }

    public static ByteString Encode(float[] values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        return ByteString.CopyFrom(bytes);
    }
}
