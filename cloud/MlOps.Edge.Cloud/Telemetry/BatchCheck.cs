using Google.Protobuf;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>The door of the telemetry store: what a batch must be before it is kept for ever.</summary>
internal static class BatchCheck
{
    /// <summary>Most frames, values and blocks that one batch may carry; a device that has more makes more batches.</summary>
    public const int MaxFrames = 100_000;
    public const int MaxBlocks = 10_000;
    public const int MaxColumns = 4_096;
    public const int MaxValues = 10_000_000;

    /// <summary>Ages and sequences beyond this are errors, not lives: at one frame a millisecond it is a thousand years.</summary>
    public const long MaxNumber = 1L << 45;

    public const int StreamEpochBytes = 16;

    /// <summary>Decodes and checks a batch that came from <paramref name="device"/>.</summary>
    /// <param name="known">Schemas that the batch need not carry.</param>
    /// <param name="published">What the device's uptime was when it sent this.</param>
    /// <exception cref="RejectedBatchException">It can never be stored; the message says why.</exception>
    /// <exception cref="SchemaMissingException">It names a schema that is not known here, yet.</exception>
    public static TelemetryRecord Check(DeviceId device, byte[] payload, DateTimeOffset receivedAt, ISchemaBook? known = null, PublishedClock? published = null)
    {
        TelemetryBatch batch;
        try
        {
            batch = TelemetryBatch.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RejectedBatchException(RefusalCode.Undecodable, $"the batch does not decode: {e.Message}");
        }

        Require(batch.Protocol == ProtocolVersion.Current, RefusalCode.Protocol, $"protocol {batch.Protocol} is unknown; this cloud speaks {ProtocolVersion.Current}");
        Require(batch.Device == device.ToString(), RefusalCode.ForeignDevice, $"the batch says it is from '{Shorten(batch.Device)}' but it came from '{device}'");
        Require(batch.StreamEpoch.Length == StreamEpochBytes, $"the stream epoch has {batch.StreamEpoch.Length} bytes, not {StreamEpochBytes}");
        Require(batch.Sequence is >= 1 and <= MaxNumber, RefusalCode.Sequence, $"the sequence {batch.Sequence} is out of range");
        Require(
            batch.Readings.Count + batch.Predictions.Count + batch.Sketches.Count + batch.Gaps.Count + batch.Summaries.Count + batch.Schemas.Count <= MaxBlocks, RefusalCode.TooLarge, $"the batch has more than {MaxBlocks} blocks");

        foreach (var gap in batch.Gaps)
        {
            CheckGap(gap);
        }

        var schemas = new Dictionary<ByteString, Schema>();
        foreach (var schema in batch.Schemas)
        {
            Require(schema.Channels.Count is >= 1 and <= MaxColumns, $"a schema has {schema.Channels.Count} channels");
            ReadingsCheck.CheckNames(schema, "a schema");
            schemas.TryAdd(SchemaId.Of(schema), schema);
        }

        List<UnitSpan> units =
        [
            .. Readings(batch, schemas, known),
            .. batch.Predictions.Select(p => Mentioned(PredictionsUnit(p))),
            .. batch.Sketches.Select(s => Mentioned(SketchUnit(s))),
            .. batch.Summaries.Select(s => Mentioned(SummaryCheck.Unit(s, SchemaOf(s.Schema, schemas, known)))),
        ];
        var clock = ClockCheck.Of(batch.Clock, published, units.Where(u => u.Readings > 0).Select(u => (DateTimeOffset?)u.LastTime).Max(), receivedAt);
        return new TelemetryRecord(device, batch.StreamEpoch.ToByteArray(), (long)batch.Sequence, payload, Corrected(units, clock.Offset), receivedAt)
        {
            Kind = batch.Kind,
            Gaps = [.. batch.Gaps],
            Schemas = [.. schemas.Values],
            Clock = clock,
        };
    }

    /// <summary>The record as it is with times corrected otherwise.</summary>
    public static TelemetryRecord Under(this TelemetryRecord record, ClockCorrection clock) =>
        record with { Units = Corrected(record.Units, clock.Offset - record.Clock.Offset), Clock = clock };

    public static UnitRef Unit(string asset, uint installation)
    {
        Require(AssetId.TryParse(asset, null, out var id), $"'{Shorten(asset)}' is not an asset id");
        Require(installation <= int.MaxValue, $"the installation {installation} of {asset} is out of range");
        return new UnitRef(id, (int)installation);
    }

    public static void Require(bool holds, FormattableString otherwise) => Require(holds, RefusalCode.Content, otherwise);

    private static void Require(bool holds, string code, FormattableString otherwise)
    {
        if (!holds)
        {
            throw new RejectedBatchException(code, FormattableString.Invariant(otherwise));
        }
    }

    // What a stranger wrote goes to a log line: keep it short.
    public static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    // A constant column is five bytes for any number of frames: what a batch may unpack to is bounded as a whole.
    private static IEnumerable<UnitSpan> Readings(TelemetryBatch batch, Dictionary<ByteString, Schema> schemas, ISchemaBook? known)
    {
        long values = 0;
        foreach (var block in batch.Readings)
        {
            var columns = Columns(batch, block, schemas, known);
            var span = ReadingsCheck.Span(block, columns, MaxValues - values);
            values += span.Readings;
            yield return span;
        }
    }

    private static ReadingColumns Columns(TelemetryBatch batch, Readings block, Dictionary<ByteString, Schema> schemas, ISchemaBook? known)
    {
        try
        {
            if (!block.Schema.IsEmpty && block.Columns.Count == 0)
            {
                return ReadingColumns.OfSchema(block, SchemaOf(block.Schema, schemas, known));
            }

            var columns = ReadingColumns.Of(batch, block);
            schemas.TryAdd(SchemaId.Of(columns.Schema), columns.Schema);
            return columns;
        }
        catch (FormatException e)
        {
            throw new RejectedBatchException(RefusalCode.Content, $"the readings of {Shorten(block.Asset)}: {e.Message}");
        }
    }

    private static Schema SchemaOf(ByteString id, Dictionary<ByteString, Schema> schemas, ISchemaBook? known)
    {
        Require(id.Length == SchemaId.Bytes, $"the name of a schema has {id.Length} bytes, not {SchemaId.Bytes}");
        if (schemas.TryGetValue(id, out var brought))
        {
            return brought;
        }

        // One that is stored needs no further look: it was checked, named and written when it came.
        return known?.FindSchema(id.Memory) ?? throw new SchemaMissingException(id);
    }

    private static IReadOnlyList<UnitSpan> Corrected(IReadOnlyList<UnitSpan> units, TimeSpan offset) => offset == TimeSpan.Zero
        ? units
        : [.. units.Select(u => u.Readings == 0 ? u : u with { FirstTime = u.FirstTime + offset, LastTime = u.LastTime + offset })];

    private static UnitSpan Mentioned(UnitRef unit) => new(unit, "", 0, 0, default, 0);

    private static UnitRef PredictionsUnit(Predictions block)
    {
        var unit = Unit(block.Asset, block.Installation);
        Require(ModelName.TryParse(block.Model, null, out _), $"'{Shorten(block.Model)}' is not a model name");
        Require(block.Version is >= 1 and <= int.MaxValue, $"the version {block.Version} of {block.Model} is out of range");
        Require(block.ModelDigest.Length == Sha256Digest.Bytes, $"the model digest of a prediction of {unit} has {block.ModelDigest.Length} bytes, not {Sha256Digest.Bytes}");
        Require(block.Role is PredictionRole.Active or PredictionRole.Shadow, $"the predictions of {unit} have no role");
        Require(block.Frames.All(frame => frame <= MaxNumber), $"a prediction of {unit} has a frame out of range");
        foreach (var output in block.Outputs)
        {
            Require(output.Values.Count == block.Frames.Count, $"the output '{Shorten(output.Name)}' of {unit} has {output.Values.Count} values for {block.Frames.Count} frames");
        }

        return unit;
    }

    private static UnitRef SketchUnit(Sketch sketch)
    {
        var unit = Unit(sketch.Asset, sketch.Installation);
        Require(sketch.Reference.Length == Sha256Digest.Bytes, $"the reference of a sketch of {unit} has {sketch.Reference.Length} bytes, not {Sha256Digest.Bytes}");
        Require(sketch.FirstFrame <= sketch.LastFrame && sketch.LastFrame <= MaxNumber, $"a sketch of {unit} covers no frames ({sketch.FirstFrame} to {sketch.LastFrame})");
        return unit;
    }

    private static void CheckGap(Gap gap)
    {
        var sequences = gap is { FirstSequence: 0, LastSequence: 0 };
        Require(
            sequences || gap.FirstSequence >= 1 && gap.FirstSequence <= gap.LastSequence && gap.LastSequence <= MaxNumber,
            $"the gap {gap.FirstSequence} to {gap.LastSequence} is not a range of sequences");
        Require(!sequences || gap.Asset.Length > 0, $"a gap names neither sequences nor frames");
        if (gap.Asset.Length > 0)
        {
            var unit = Unit(gap.Asset, gap.Installation);
            Require(gap.FirstFrame <= gap.LastFrame && gap.LastFrame <= MaxNumber, $"the gap of {unit} covers no frames ({gap.FirstFrame} to {gap.LastFrame})");
        }
    }
}
