using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Benchmarks.Store;

/// <summary>Makes the batches of one device as the store takes them, one after the other. The device keeps its frames evenly apart.</summary>
/// <param name="schema">Of all its blocks.</param>
/// <param name="intervalMs">Between frames.</param>
/// <param name="began">Of frame 0.</param>
internal sealed class SignalRecords(string device, Schema schema, int intervalMs, DateTimeOffset began)
{
    private const string MachineKind = "pump-set";

    private readonly DeviceId _id = DeviceId.Parse(device);
    private readonly ByteString _schema = SchemaId.Of(schema);
    private readonly byte[] _epoch = Guid.NewGuid().ToByteArray();
    private readonly ColumnEncoder _encoder = new();
    private long _sequence;
    private long _frame;

    public UnitRef Unit { get; } = new(AssetId.Parse($"{device}-set"), 1);

    /// <param name="columns">C columns of as many frames each; they follow those before.</param>
    public TelemetryRecord Next(IReadOnlyList<ReadOnlyMemory<float>> columns)
    {
        var (frames, first) = (columns[0].Length, _frame);
        var readings = new Readings
        {
            Asset = Unit.Asset.ToString(),
            Installation = (uint)Unit.Installation,
            MachineKind = MachineKind,
            FirstFrame = (ulong)first,
            Frames = (uint)frames,
            FirstTimeMs = TimeOf(first).ToUnixTimeMilliseconds(),
            IntervalMs = (uint)intervalMs,
            Schema = _schema,
            Block = UnsafeByteOperations.UnsafeWrap(_encoder.Encode(columns)),
        };
        var batch = new TelemetryBatch { Protocol = 1, StreamEpoch = ByteString.CopyFrom(_epoch), Sequence = (ulong)++_sequence, Kind = StreamKind.Live, Device = device, Readings = { readings } };
        if (_sequence == 1)
        {
            batch.Schemas.Add(schema);
        }

        _frame += frames;
        var span = new UnitSpan(Unit, MachineKind, first, _frame - 1, TimeOf(_frame - 1), (long)frames * columns.Count)
        {
            FirstTime = TimeOf(first),
            Schema = _schema.Memory,
            Latest = [.. columns.Select(column => column.Span[^1])],
        };
        return new TelemetryRecord(_id, _epoch, _sequence, batch.ToByteArray(), [span], TimeProvider.System.GetUtcNow()) { Schemas = [schema] };
    }

    private DateTimeOffset TimeOf(long frame) => began + TimeSpan.FromMilliseconds((double)frame * intervalMs);
}
