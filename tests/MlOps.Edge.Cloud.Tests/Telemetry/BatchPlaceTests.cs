using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

public class BatchPlaceTests
{
    [Fact]
    public void A_whole_batch_and_one_that_broke_off_behind_its_sequence_say_where_they_belong()
    {
        var bytes = Batch().ToByteArray();
        foreach (var payload in (byte[][])[bytes, bytes[..^5]])
        {
            var place = BatchPlace.Read(payload)!;
            Assert.Equal(7, place.Sequence);
            Assert.Equal(Batches.Epoch, place.StreamEpoch);
        }
    }

    [Fact]
    public void Bytes_that_break_off_before_say_nothing()
    {
        var bytes = Batch().ToByteArray();
        var head = new TelemetryBatch { Protocol = 1, StreamEpoch = ByteString.CopyFrom(Batches.Epoch), Sequence = 7 }.CalculateSize();
        Assert.NotNull(BatchPlace.Read(bytes[..head]));
        Assert.All(Enumerable.Range(0, head), length => Assert.Null(BatchPlace.Read(bytes[..length])));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void A_sequence_that_no_document_can_name_is_none(ulong sequence)
    {
        var batch = Batch();
        batch.Sequence = sequence;
        Assert.Null(BatchPlace.Read(batch.ToByteArray()));
    }

    [Fact]
    public void An_epoch_of_another_length_is_none()
    {
        var batch = Batch();
        batch.StreamEpoch = ByteString.CopyFrom(1, 2, 3);
        Assert.Null(BatchPlace.Read(batch.ToByteArray()));
    }

    private static TelemetryBatch Batch() => Batches.Of("edge-01", 7, Batches.Readings("a", 1, 5, ("x", [1f, 2f])));
}
