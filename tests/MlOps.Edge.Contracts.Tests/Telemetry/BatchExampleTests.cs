using System.Text.RegularExpressions;
using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Contracts.Tests.Telemetry;

/// <summary>The message that docs/mqtt-api.md spells out byte by byte.</summary>
public sealed partial class BatchExampleTests
{
    private static readonly float[][] Values = [[23.41f, 23.42f, 23.40f], [2980, 2980, 2980]];

    [Fact]
    public void The_bytes_in_the_document_are_what_the_encoders_make() =>
        Assert.Equal(Convert.ToHexString(Batch().ToByteArray()), Convert.ToHexString(Documented()));

    [Fact]
    public void The_bytes_in_the_document_decode_to_the_batch()
    {
        var batch = TelemetryBatch.Parser.ParseFrom(Documented());
        var readings = Assert.Single(batch.Readings);
        var columns = ReadingColumns.Of(batch, readings);

        Assert.Equal((1u, 42ul, StreamKind.Live, "edge-07"), (batch.Protocol, batch.Sequence, batch.Kind, batch.Device));
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(batch.StreamEpoch.Span));
        Assert.Equal(("pump-07", 2u, "centrifugal-pump", 118ul, 3u), (readings.Asset, readings.Installation, readings.MachineKind, readings.FirstFrame, readings.Frames));
        Assert.Equal((new DateTimeOffset(2026, 11, 23, 6, 30, 0, TimeSpan.Zero), 1000u), (DateTimeOffset.FromUnixTimeMilliseconds(readings.FirstTimeMs), readings.IntervalMs));
        Assert.Equal(SchemaId.Of(Assert.Single(batch.Schemas)), readings.Schema);
        Assert.Equal([("temperature", "Cel"), ("speed", "1/min")], columns.Schema.Channels.Select(c => (c.Name, c.Unit)));
        Assert.Equal(Values, columns.Decode());
    }

    private static TelemetryBatch Batch()
    {
        var schema = new Schema { Channels = { new SchemaChannel { Name = "temperature", Unit = "Cel" }, new SchemaChannel { Name = "speed", Unit = "1/min" } } };
        return new()
        {
            Protocol = 1,
            StreamEpoch = ByteString.CopyFrom(Convert.FromHexString("00112233445566778899AABBCCDDEEFF")),
            Sequence = 42,
            Kind = StreamKind.Live,
            Device = "edge-07",
            Readings =
            {
                new Readings
                {
                    Asset = "pump-07",
                    Installation = 2,
                    MachineKind = "centrifugal-pump",
                    FirstFrame = 118,
                    Frames = 3,
                    FirstTimeMs = new DateTimeOffset(2026, 11, 23, 6, 30, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
                    IntervalMs = 1000,
                    Schema = SchemaId.Of(schema),
                    Block = ByteString.CopyFrom(new ColumnEncoder().Encode(Values.Select(column => new ReadOnlyMemory<float>(column)))),
                },
            },
            Schemas = { schema },
        };
    }

    // Each line of the example begins with its bytes.
    private static byte[] Documented()
    {
        var section = Section().Match(Repository.Page("mqtt-api.md")).Groups[1].Value;
        return Convert.FromHexString(string.Concat(Bytes().Matches(section).Select(line => line.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal))));
    }

    [GeneratedRegex(@"^### A whole batch\n(.*?)^##", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^    ((?:[0-9A-F]{2})+(?: (?:[0-9A-F]{2})+)*)(?:  |$)", RegexOptions.Multiline)]
    private static partial Regex Bytes();
}
