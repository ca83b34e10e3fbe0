using System.Globalization;
using System.Text;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>A device as one writes it for a broker and a database: JSON frames with QoS 1, the same readings in the same number of messages.</summary>
/// <param name="mayPublish">Whether the database is near enough behind what was published.</param>
internal sealed class JsonDevice(int number, LoadShape shape, ReferenceSignal signal, Func<bool> mayPublish) : LoadDevice(number, shape)
{
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(FormattableString.Invariant($"plant/bench-{number:00000}/telemetry"));
    private readonly byte[][] _names = [.. ChannelShape.All.Take(shape.Channels).Select(channel => Encoding.UTF8.GetBytes($",\"{channel.Name}\":"))];
    private byte[] _text = new byte[1024];

    // Nobody tells a device when its readings are in the database: with the broker is all that it can know.
    protected override bool IsSettled => Session.Unconfirmed == 0;

    public override Task ConnectAsync(int port, CancellationToken cancellationToken) => Session.OpenAsync(port, MqttPacket.Connect(Name, null, []), null, cancellationToken);

    protected override bool MayPublish() => Session.Unconfirmed < Math.Min(Session.ReceiveMaximum, 64) && mayPublish();

    protected override void Write(long now)
    {
        var (first, length) = (Published++ * Shape.Frames, 0);
        for (var f = first; f < first + Shape.Frames; f++)
        {
            if (_text.Length - length < 64 * (Shape.Channels + 1))
            {
                Array.Resize(ref _text, _text.Length * 2 + 64 * Shape.Channels);
            }

            length += Put(f == first ? "[{\"t\":"u8 : ",{\"t\":"u8, length);
            length += Digits(BeganMs + f * IntervalMs, length);
            for (var c = 0; c < _names.Length; c++)
            {
                length += Put(_names[c], length);
                length += Digits(signal.Take(c, ReferenceSignal.OffsetOf(Number) + f, 1).Span[0], length);
            }

            length += Put("}"u8, length);
        }

        length += Put("]"u8, length);
        _text.AsSpan(0, length).CopyTo(Session.Publish(_topic, length));
    }

    protected override void Received(ReadOnlySpan<byte> payload) => throw new BenchmarkException($"Device {Name} got a message that it did not ask for.");

    private int Put(ReadOnlySpan<byte> bytes, int at)
    {
        bytes.CopyTo(_text.AsSpan(at));
        return bytes.Length;
    }

    private int Digits<T>(T number, int at)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(_text.AsSpan(at), out var written, default, CultureInfo.InvariantCulture);
        return written;
    }
}
