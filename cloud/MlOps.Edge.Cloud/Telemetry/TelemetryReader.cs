using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Reads stored batches, which were checked when they came.</summary>
internal static class TelemetryReader
{
    /// <summary>A batch with all the schemas that it names, and with corrected times.</summary>
    /// <exception cref="StoreException">The store has lost a schema.</exception>
    public static TelemetryBatch Decode(StoredBatch stored)
    {
        var batch = TelemetryBatch.Parser.ParseFrom(stored.Payload);
        var known = batch.Schemas.Select(SchemaId.Of).ToHashSet();
        foreach (var id in batch.Readings.Select(r => r.Schema).Concat(batch.Summaries.Select(s => s.Schema)))
        {
            if (!id.IsEmpty && known.Add(id))
            {
                batch.Schemas.Add(stored.Schemas?.FindSchema(id.Memory)
                    ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(id.Span)} of batch {stored.Position}; restore it from a backup."));
            }
        }

        ClockCheck.Correct(batch, stored.Clock);
        return batch;
    }

    /// <summary>The values of one block, row-major <c>[frames, C]</c> in the order of <paramref name="channels"/>, bit for bit as sent; NaN for a channel it lacks.</summary>
    public static float[] Rows(TelemetryBatch batch, Readings block, IReadOnlyList<string> channels)
    {
        var (frames, width) = ((int)block.Frames, channels.Count);
        var columns = ReadingColumns.Of(batch, block);
        var values = columns.Decode();
        var at = columns.Schema.Channels.Select((c, i) => (c.Name, i)).ToDictionary(c => c.Name, c => c.i, StringComparer.Ordinal);
        var rows = new float[frames * width];
        for (var c = 0; c < width; c++)
        {
            var column = at.TryGetValue(channels[c], out var found) ? values[found] : null;
            for (var f = 0; f < frames; f++)
            {
                rows[f * width + c] = column is null ? float.NaN : column[f];
            }
        }

        return rows;
    }

    /// <summary>Every prediction of a batch, in the order sent.</summary>
    public static IEnumerable<PredictionRecord> Predictions(StoredBatch stored, TelemetryBatch batch) =>
        from block in batch.Predictions
        let unit = new UnitRef(AssetId.Parse(block.Asset), (int)block.Installation)
        let digest = Sha256Digest.FromHash(block.ModelDigest.Span)
        let outputs = block.Outputs.ToDictionary(o => o.Name, o => o.Values)
        from i in Enumerable.Range(0, block.Frames.Count)
        select new PredictionRecord
        {
            Device = stored.Device,
            Unit = unit,
            Model = block.Model,
            Version = (int)block.Version,
            Digest = digest,
            Role = block.Role,
            Frame = (long)block.Frames[i],
            Rul = Value(outputs, "rul", i),
            RulLower = Value(outputs, "rul_lower", i),
            RulUpper = Value(outputs, "rul_upper", i),
        };

    private static float Value(Dictionary<string, Google.Protobuf.Collections.RepeatedField<float>> outputs, string name, int index) =>
        outputs.TryGetValue(name, out var values) ? values[index] : float.NaN;
}

/// <summary>What a model said about one window.</summary>
internal sealed record PredictionRecord
{
    public required DeviceId Device { get; init; }
    public required UnitRef Unit { get; init; }
    public required string Model { get; init; }
    public required int Version { get; init; }

    /// <summary>Of the ONNX file.</summary>
    public required Sha256Digest Digest { get; init; }
    public required PredictionRole Role { get; init; }

    /// <summary>The window's last frame.</summary>
    public required long Frame { get; init; }

    /// <summary>Sample intervals; NaN where the model has no such output.</summary>
    public required float Rul { get; init; }
    public required float RulLower { get; init; }
    public required float RulUpper { get; init; }
}
