using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>What comes down to a device.</summary>
internal delegate void MessageHandler(ReadOnlySpan<byte> payload);

/// <summary>
/// One connection that publishes with QoS 1, by hand: packets are written into one buffer and go out together, so that the generator takes little of
/// the processors that it shares with what it measures. One writer and one reader at a time.
/// </summary>
internal sealed class MqttSession : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _in = new byte[64 * 1024];
    private byte[] _out = new byte[64 * 1024];
    private int _outCount;
    private int _inCount;
    private int _packetId;
    private int _unconfirmed;

    /// <summary>Publications that the broker has not acknowledged.</summary>
    public int Unconfirmed => Volatile.Read(ref _unconfirmed);

    /// <summary>The most that the broker lets be unconfirmed.</summary>
    public int ReceiveMaximum { get; private set; }

    /// <summary>Connects, and subscribes where there is something to subscribe to.</summary>
    public async Task OpenAsync(int port, byte[] connect, byte[]? subscribe, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await _socket.SendAsync(connect, cancellationToken);
        ReceiveMaximum = MqttPacket.ReceiveMaximum(await AnswerAsync(MqttPacket.ConnectAck, body => body[1], cancellationToken));
        if (subscribe is not null)
        {
            await _socket.SendAsync(subscribe, cancellationToken);
            await AnswerAsync(MqttPacket.SubscribeAck, body => body[3..].Max(), cancellationToken);
        }
    }

    /// <summary>Begins a publication: its payload is to be written into what is returned, whole, before anything else is called.</summary>
    public Span<byte> Publish(ReadOnlySpan<byte> topic, int payloadLength, bool retain = false, ReadOnlySpan<byte> properties = default)
    {
        var length = 2 + topic.Length + 2 + 1 + properties.Length + payloadLength;
        var to = Room(1 + MqttPacket.SizeOfLength(length) + length);
        to[0] = (byte)(MqttPacket.Publish | 0x02 | (retain ? 1 : 0));
        to = MqttPacket.WriteLength(to[1..], length);
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)topic.Length);
        topic.CopyTo(to[2..]);
        to = to[(2 + topic.Length)..];
        _packetId = _packetId % 0xFFF0 + 1;
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)_packetId);
        to[2] = (byte)properties.Length;
        properties.CopyTo(to[3..]);
        Interlocked.Increment(ref _unconfirmed);
        return to.Slice(3 + properties.Length, payloadLength);
    }

    /// <summary>A user property, as publications carry it.</summary>
    public static byte[] UserProperty(string name, string value) =>
        [0x26, (byte)(name.Length >> 8), (byte)name.Length, .. Encoding.UTF8.GetBytes(name), (byte)(value.Length >> 8), (byte)value.Length, .. Encoding.UTF8.GetBytes(value)];

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < _outCount;)
        {
            sent += await _socket.SendAsync(_out.AsMemory(sent, _outCount - sent), cancellationToken);
        }

        _outCount = 0;
    }

    /// <summary>Waits for something from the broker, and deals with all that has come.</summary>
    /// <exception cref="BenchmarkException">The broker closed the connection, or refused a message.</exception>
    public async ValueTask ReceiveAsync(MessageHandler received, CancellationToken cancellationToken)
    {
        var count = await _socket.ReceiveAsync(_in.AsMemory(_inCount), cancellationToken);
        if (count == 0)
        {
            throw new BenchmarkException("The broker closed a device's connection.");
        }

        _inCount += count;
        Consume(received);
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(MqttPacket.Disconnect, cancellationToken);
        _socket.Shutdown(SocketShutdown.Both);
    }

    public void Dispose() => _socket.Dispose();

    private void Consume(MessageHandler received)
    {
        var at = 0;
        while (MqttPacket.TryRead(_in.AsSpan(at, _inCount - at), out var kind, out var body, out var size))
        {
            at += size;
            switch (kind & 0xF0)
            {
                case MqttPacket.PublishAck:
                    Interlocked.Decrement(ref _unconfirmed);
                    if (body.Length > 2 && body[2] >= MqttPacket.FirstFailure)
                    {
                        throw new BenchmarkException($"The broker refused a message with reason code 0x{body[2]:x2}.");
                    }

                    break;
                case MqttPacket.Publish when (kind & 0x06) == 0:
                    var topic = BinaryPrimitives.ReadUInt16BigEndian(body);
                    received(body[(2 + topic + 1 + body[2 + topic])..]);
                    break;
                default:
                    throw new BenchmarkException($"The broker sent a packet 0x{kind:x2} that this publisher does not expect.");
            }
        }

        _in.AsSpan(at, _inCount - at).CopyTo(_in);
        _inCount -= at;
    }

    private async Task<byte[]> AnswerAsync(byte expected, Func<byte[], byte> reason, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (MqttPacket.TryRead(_in.AsSpan(0, _inCount), out var kind, out var body, out var size))
            {
                var answer = body.ToArray();
                _in.AsSpan(size, _inCount - size).CopyTo(_in);
                _inCount -= size;
                return kind == expected && reason(answer) < MqttPacket.FirstFailure
                    ? answer
                    : throw new BenchmarkException($"The broker refuses a device: packet 0x{kind:x2}, reason code 0x{reason(answer):x2}.");
            }

            var count = await _socket.ReceiveAsync(_in.AsMemory(_inCount), cancellationToken);
            _inCount += count > 0 ? count : throw new BenchmarkException("The broker closed a device's connection while it was being opened.");
        }
    }

    private Span<byte> Room(int size)
    {
        if (_out.Length - _outCount < size)
        {
            Array.Resize(ref _out, Math.Max(_out.Length * 2, _outCount + size));
        }

        _outCount += size;
        return _out.AsSpan(_outCount - size, size);
    }
}
