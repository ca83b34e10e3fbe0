using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Uplink;

public class AcknowledgementTests
{
    [Fact]
    public void What_the_cloud_lacks_is_named_once_and_moves_no_watermark()
    {
        var answer = new Acknowledgement();
        answer.Stored(Answer(new("00", 4, [])));
        answer.Stored(Answer(new("00", 4, []), "bb", "aa"));
        answer.Stored(Answer(new("00", 4, [new(6, 6)]), "aa"));

        var document = answer.ToDocument()!;
        Assert.Equal(["aa", "bb"], document.Wants!);
        var stream = Assert.Single(document.Streams);
        Assert.Equal((4, 6), (stream.Through, Assert.Single(stream.Above).First));
        Assert.Null(stream.Refused);
    }

    [Fact]
    public void Where_nothing_is_lacking_nothing_is_said_of_it()
    {
        var answer = new Acknowledgement();
        answer.Stored(Answer(new("00", 1, [])));
        Assert.Null(answer.ToDocument()!.Wants);
    }

    private static IngestAnswer Answer(StreamPosition stream, params string[] wants) => new() { Fates = [], Streams = [stream], Wants = wants };
}
