using Google.Protobuf;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

public class BatchCheckTests
{
    private static readonly Dictionary<string, Action<TelemetryBatch>> Faults = new(StringComparer.Ordinal)
    {
        ["protocol 2 is unknown"] = b => b.Protocol = 2,
        ["came from 'edge-01'"] = b => b.Device = "edge-02",
        ["stream epoch has 3 bytes"] = b => b.StreamEpoch = ByteString.CopyFrom(1, 2, 3),
        ["sequence 0 is out of range"] = b => b.Sequence = 0,
        ["sequence 18446744073709551615 is out of range"] = b => b.Sequence = ulong.MaxValue,
        ["'A B' is not an asset id"] = b => b.Readings[0].Asset = "A B",
        ["installation 4294967295"] = b => b.Readings[0].Installation = uint.MaxValue,
        ["have 0 frames"] = b => b.Readings[0].Frames = 0,
        ["have 4000000000 frames"] = b => b.Readings[0].Frames = 4_000_000_000,
        ["8 bytes for 3 frames"] = b => b.Readings[0].Frames = 3,
        ["machine kind"] = b => b.Readings[0].MachineKind = "",
        ["no interval and 0 time deltas for 2 frames"] = b => b.Readings[0].IntervalMs = 0,
        ["has a name with a control character"] = b => b.Readings[0].Columns[0].Channel = "flow\nrate",
        ["the unit of the channel 'x'"] = b => b.Readings[0].Columns[0].Unit = "m/s\n",
        ["a channel of a schema has a name with"] = b => b.Schemas.Add(new Schema { Channels = { new SchemaChannel { Name = "a\0b", Unit = "1" } } }),
        ["comes twice"] = b => b.Readings[0].Columns.Add(b.Readings[0].Columns[0].Clone()),
        ["beside its packed ones"] = b => b.Readings[0].Schema = ByteString.CopyFrom(new byte[SchemaId.Bytes]),
        ["at most 10000000 values"] = Bomb,
        ["outside 1970 to 9999"] = b => b.Readings[0].FirstTimeMs = long.MaxValue,
        ["have no role"] = b => b.Predictions[0].Role = PredictionRole.Unspecified,
        ["'M!' is not a model name"] = b => b.Predictions[0].Model = "M!",
        ["has 1 values for 2 frames"] = b => b.Predictions[0].Frames.Add(9),
        ["covers no frames (9 to 3)"] = b => (b.Sketches[0].FirstFrame, b.Sketches[0].LastFrame) = (9, 3),
        ["reference of a sketch"] = b => b.Sketches[0].Reference = ByteString.Empty,
        ["gap 5 to 4 is not a range"] = b => b.Gaps.Add(new Gap { FirstSequence = 5, LastSequence = 4 }),
    };

    public static TheoryData<string> Says => [.. Faults.Keys];

    [Theory, MemberData(nameof(Says))]
    public void A_wrong_batch_is_rejected_with_the_reason(string says)
    {
        var batch = Good();
        Faults[says](batch);
        var error = Assert.Throws<RejectedBatchException>(() => Check(batch.ToByteArray()));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("protocol 2 is unknown", RefusalCode.Protocol)]
    [InlineData("came from 'edge-01'", RefusalCode.ForeignDevice)]
    [InlineData("sequence 18446744073709551615 is out of range", RefusalCode.Sequence)]
    [InlineData("have no role", RefusalCode.Content)]
    public void The_kind_of_fault_is_one_word(string says, string code)
    {
        var batch = Good();
        Faults[says](batch);
        Assert.Equal(code, Assert.Throws<RejectedBatchException>(() => Check(batch.ToByteArray())).Code);
    }

    [Fact]
    public void Bytes_that_are_no_batch_are_rejected() =>
        Assert.Contains("does not decode", Assert.Throws<RejectedBatchException>(() => Check([0xff, 0x01])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_good_batch_names_its_frames_and_counts_its_values()
    {
        var record = Check(Good().ToByteArray());
        var span = record.Units[0];
        Assert.Equal((5, 6, 2, Batches.Start.AddHours(6)), (span.FirstFrame, span.LastFrame, span.Readings, span.LastTime));
        Assert.Equal(["a#1", "a#1", "a#1"], record.Units.Select(u => u.Unit.ToString()));
    }

    // Some kilobytes on the wire that would be gigabytes in memory.
    private static void Bomb(TelemetryBatch batch)
    {
        Schema many = new() { Channels = { Enumerable.Range(0, 4000).Select(i => new SchemaChannel { Name = $"c{i}", Unit = "1" }) } };
        batch.Schemas.Add(many);
        batch.Readings[0].Columns.Clear();
        (batch.Readings[0].Frames, batch.Readings[0].Schema) = (100_000, SchemaId.Of(many));
        batch.Readings[0].Block = ByteString.CopyFrom([.. Enumerable.Repeat<byte[]>([1, 0, 0, 0, 0], 4000).SelectMany(column => column)]);
    }

    private static TelemetryRecord Check(byte[] payload) => BatchCheck.Check(DeviceId.Parse("edge-01"), payload, Batches.Start);

    private static TelemetryBatch Good()
    {
        var batch = Batches.Of("edge-01", 1, Batches.Readings("a", 1, 5, ("x", [1f, 2f])));
        var digest = ByteString.CopyFrom(new byte[32]);
        batch.Predictions.Add(new Predictions
        {
            Asset = "a",
            Installation = 1,
            Model = "m",
            Version = 1,
            ModelDigest = digest,
            Role = PredictionRole.Active,
            Frames = { 6 },
            Outputs = { new OutputColumn { Name = "rul", Values = { 9f } } },
        });
        batch.Sketches.Add(new Sketch { Asset = "a", Installation = 1, Reference = digest, FirstFrame = 5, LastFrame = 6 });
        return batch;
    }
}
