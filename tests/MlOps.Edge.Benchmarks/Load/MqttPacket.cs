using System.Buffers.Binary;
using System.Text;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>The few packets of MQTT 5 that a publisher needs (OASIS MQTT 5.0, section 3).</summary>
internal static class MqttPacket
{
    public const byte ConnectAck = 0x20;
    public const byte Publish = 0x30;
    public const byte PublishAck = 0x40;
    public const byte SubscribeAck = 0x90;

    public const byte AtMostOnce = 0;
    public const byte AtLeastOnce = 1;

    /// <summary>From here on a reason code is a failure.</summary>
    public const byte FirstFailure = 0x80;

    private const byte ProtocolVersion = 5;
    private const byte ReceiveMaximumProperty = 0x21;
    private const byte MaximumPacketSizeProperty = 0x27;

    /// <summary>Clean start, no keep-alive, and a retained will with QoS 1 if there is one.</summary>
    public static byte[] Connect(string clientId, string? willTopic, byte[] will)
    {
        var body = new List<byte>();
        AddText(body, "MQTT");
        body.AddRange([ProtocolVersion, (byte)(willTopic is null ? 0x02 : 0x2E), 0, 0, 0]);
        AddText(body, clientId);
        if (willTopic is not null)
        {
            body.Add(0);
            AddText(body, willTopic);
            body.AddRange([(byte)(will.Length >> 8), (byte)will.Length, .. will]);
        }

        return Framed(0x10, body);
    }

    /// <param name="quality">With which it is passed on at the most.</param>
    public static byte[] Subscribe(IEnumerable<string> topics, byte quality = AtLeastOnce)
    {
        List<byte> body = [0xFF, 0xFF, 0];
        foreach (var topic in topics)
        {
            AddText(body, topic);
            body.Add(quality);
        }

        return Framed(0x82, body);
    }

    public static byte[] Disconnect => [0xE0, 0x00];

    /// <summary>Bytes of a length as MQTT writes it.</summary>
    public static int SizeOfLength(int length) => length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4;

    /// <returns>What is left behind the length.</returns>
    public static Span<byte> WriteLength(Span<byte> to, int length)
    {
        var at = 0;
        do
        {
            to[at++] = (byte)(length % 128 | (length >= 128 ? 0x80 : 0));
            length /= 128;
        }
        while (length > 0);

        return to[at..];
    }

    /// <returns>False: there is not a whole packet yet.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, out byte kind, out ReadOnlySpan<byte> body, out int size)
    {
        kind = 0;
        body = default;
        size = 0;
        var (length, at) = (0, 1);
        for (var shift = 0; ; shift += 7, at++)
        {
            if (at >= from.Length)
            {
                return false;
            }

            length |= (from[at] & 0x7F) << shift;
            if (from[at] < 0x80)
            {
                at++;
                break;
            }
        }

        if (from.Length < at + length)
        {
            return false;
        }

        kind = from[0];
        body = from.Slice(at, length);
        size = at + length;
        return true;
    }

    /// <summary>How many publications the broker takes before it has acknowledged the first; from a CONNACK.</summary>
    public static int ReceiveMaximum(ReadOnlySpan<byte> connectAck)
    {
        // Properties come in any order; those before this one in the brokers' answers have one, two or four bytes or a text.
        for (var rest = connectAck[3..]; rest.Length > 0;)
        {
            switch (rest[0])
            {
                case ReceiveMaximumProperty:
                    return BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
                case MaximumPacketSizeProperty or 0x11:
                    rest = rest[5..];
                    break;
                case 0x13 or 0x22:
                    rest = rest[3..];
                    break;
                case 0x24 or 0x25 or 0x28 or 0x29 or 0x2A:
                    rest = rest[2..];
                    break;
                case 0x12 or 0x1F or 0x1A or 0x1C:
                    rest = rest[(3 + BinaryPrimitives.ReadUInt16BigEndian(rest[1..]))..];
                    break;
                default:
                    return ushort.MaxValue;
            }
        }

        return ushort.MaxValue;
    }

    private static void AddText(List<byte> to, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        to.AddRange([(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
    }

    private static byte[] Framed(byte kind, List<byte> body)
    {
        var length = new byte[SizeOfLength(body.Count)];
        WriteLength(length, body.Count);
        return [kind, .. length, .. body];
    }
}
