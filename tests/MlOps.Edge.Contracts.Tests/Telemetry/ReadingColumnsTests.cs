using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Contracts.Tests.Telemetry;

public sealed class ReadingColumnsTests
{
    private static readonly Schema Pump = new() { Channels = { new SchemaChannel { Name = "flow", Unit = "m3/h" }, new SchemaChannel { Name = "speed", Unit = "/min" } } };

    [Fact]
    public void A_packed_block_says_its_channels_and_values()
    {
        var (batch, readings) = Packed([[1.5f, float.NaN, 2.5f], [2980, 2980, 2980]]);

        var columns = ReadingColumns.Of(batch, readings);

        Assert.Equal([("flow", "m3/h"), ("speed", "/min")], columns.Schema.Channels.Select(c => (c.Name, c.Unit)));
        Assert.Equal([[1.5f, float.NaN, 2.5f], [2980, 2980, 2980]], columns.Decode());
    }

    [Fact]
    public void So_does_a_block_of_the_first_agents()
    {
        Readings readings = new() { Frames = 2, Columns = { new Column { Channel = "flow", Unit = "m3/h", Float32 = ByteString.CopyFrom(0, 0, 0xC0, 0x3F, 0, 0, 0x20, 0x40) } } };

        var columns = ReadingColumns.Of(new(), readings);

        Assert.Equal(("flow", "m3/h"), Assert.Single(columns.Schema.Channels.Select(c => (c.Name, c.Unit))));
        Assert.Equal([1.5f, 2.5f], Assert.Single(columns.Decode()));
    }

    [Fact]
    public void Some_channels_come_in_the_order_asked_for_and_one_that_is_not_there_is_null()
    {
        var (batch, readings) = Packed([[1.5f, float.NaN, 2.5f], [2980, 2981, 2980]]);
        Readings first = new() { Frames = 1, Columns = { new Column { Channel = "flow", Unit = "m3/h", Float32 = ByteString.CopyFrom(0, 0, 0xC0, 0x3F) } } };

        Assert.Equal<float[]?>([[2980, 2981, 2980], null, [1.5f, float.NaN, 2.5f]], ReadingColumns.Of(batch, readings).Decode(["speed", "head", "flow"]));
        Assert.Equal<float[]?>([[1.5f, float.NaN, 2.5f]], ReadingColumns.Of(batch, readings).Decode(["flow"]));
        Assert.Equal<float[]?>([null], ReadingColumns.Of(batch, readings).Decode(["head"]));
        Assert.Equal<float[]?>([null, [1.5f]], ReadingColumns.Of(new(), first).Decode(["speed", "flow"]));
    }

    [Fact]
    public void The_name_of_a_schema_depends_on_names_units_and_their_order()
    {
        // printf 'flow\0m3/h\nspeed\0/min\n' | sha256sum
        Assert.Equal("cfad1f8f7e205f831409edfa5cd84521", Convert.ToHexStringLower(SchemaId.Of(Pump).Span));
        Assert.NotEqual(SchemaId.Of(Pump), SchemaId.Of(new() { Channels = { Pump.Channels.Reverse() } }));
    }

    [Fact]
    public void What_cannot_be_read_is_told()
    {
        void Refused(string says, Action<TelemetryBatch, Readings> spoil)
        {
            var (batch, readings) = Packed([[1, 2, 3], [4, 5, 6]]);
            spoil(batch, readings);
            Assert.Contains(says, Assert.Throws<FormatException>(() => ReadingColumns.Of(batch, readings).Decode()).Message, StringComparison.Ordinal);
        }

        Refused("names no schema", (_, readings) => readings.Schema = ByteString.Empty);
        Refused("beside its packed ones", (_, readings) => readings.Columns.Add(new Column()));
        Refused("end too early", (_, readings) => readings.Block = ByteString.CopyFrom(readings.Block.Span[..^1]));
        Refused("bytes behind the last", (_, readings) => readings.Block = ByteString.CopyFrom([.. readings.Block, 0]));
        Refused("has 4 bytes for 2 frames", (_, readings) =>
        {
            (readings.Schema, readings.Block, readings.Frames) = (ByteString.Empty, ByteString.Empty, 2);
            readings.Columns.Add(new Column { Channel = "flow", Float32 = ByteString.CopyFrom(new byte[4]) });
        });
    }

    [Fact]
    public void A_schema_that_is_not_in_the_batch_is_named()
    {
        var (batch, readings) = Packed([[1, 2, 3], [4, 5, 6]]);
        batch.Schemas.Clear();
        Assert.Equal(readings.Schema, Assert.Throws<SchemaMissingException>(() => ReadingColumns.Of(batch, readings)).Id);
    }

    private static (TelemetryBatch Batch, Readings Readings) Packed(float[][] columns)
    {
        Readings readings = new()
        {
            Frames = (uint)columns[0].Length,
            Schema = SchemaId.Of(Pump),
            Block = ByteString.CopyFrom(new ColumnEncoder().Encode(columns.Select(c => new ReadOnlyMemory<float>(c)))),
        };
        return (new() { Readings = { readings }, Schemas = { Pump } }, readings);
    }
}
