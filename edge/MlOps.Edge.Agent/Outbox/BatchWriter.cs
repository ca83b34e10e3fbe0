using Google.Protobuf;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Makes a batch of contents: gives it the next sequence of a stream and the schemas that the cloud has not yet learned, and encodes it, once.</summary>
internal sealed class BatchWriter(StreamTable streams, SchemaTable schemas, BatchTable batches, DeviceId device, Func<long> now)
{
    /// <param name="stream">The stream's ordinal on this device.</param>
    /// <param name="contents">With every schema that it names; it is left as it is, for a write that fails may be tried again.</param>
    /// <param name="state">What it is to the outbox.</param>
    /// <param name="made">When the oldest of it was made, by the outbox's clock, in ms; null: now.</param>
    public BatchKey Append(long stream, TelemetryBatch contents, BatchState state, long? made = null)
    {
        var carried = schemas.Introduce(contents.Schemas);
        contents = contents.Clone();
        contents.Schemas.Clear();
        contents.Schemas.AddRange(carried);

        var (key, epoch) = streams.Take(stream);
        contents.Protocol = ProtocolVersion.Current;
        contents.StreamEpoch = UnsafeByteOperations.UnsafeWrap(epoch);
        contents.Sequence = (ulong)key.Sequence;
        contents.Kind = streams.KindOf(stream);
        contents.Device = device.ToString();
        batches.Add(key, state, contents.Readings.Sum(Values) + contents.Summaries.Sum(Values), made ?? now(), [.. carried.SelectMany(schema => SchemaId.Of(schema).ToByteArray())], contents.ToByteArray());
        return key;
    }

    private long Values(Readings readings) =>
        (long)readings.Frames * (readings.Schema.IsEmpty ? readings.Columns.Count : schemas.Find(readings.Schema)?.Channels.Count ?? 0);

    private long Values(Summary summary) => summary.Frames.Sum(frames => (long)frames) * (schemas.Find(summary.Schema)?.Channels.Count ?? 0);
}
