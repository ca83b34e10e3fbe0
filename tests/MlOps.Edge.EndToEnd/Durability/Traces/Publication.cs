using System.Text;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>A PUBLISH on a connection.</summary>
/// <param name="Begun">When the call began that carried its last byte.</param>
/// <param name="Ended">When that call ended.</param>
internal sealed record Publication(string Topic, byte[] Payload, long Begun, long Ended)
{
    private const int Connect = 1;
    private const int ConnectAcknowledged = 2;
    private const int Publish = 3;

    private static readonly string[] Sending = ["sendto", "sendmsg", "write", "writev"];
    private static readonly string[] Receiving = ["recvfrom", "recvmsg"];

    /// <summary>Those that left the program, by its own connections to a broker and by its broker's connections, in the order in which they left.</summary>
    public static IReadOnlyList<Publication> Sent(Recording recording) => Over(recording, Sending);

    /// <summary>Those that came.</summary>
    public static IReadOnlyList<Publication> Received(Recording recording) => Over(recording, Receiving);

    private static Publication[] Over(Recording recording, string[] calls) =>
    [
        .. recording.Calls.Where(call => calls.Contains(call.Name) && call.File.StartsWith("socket:", StringComparison.Ordinal) && call.Result > 0)
            .GroupBy(call => call.File).SelectMany(Decode).OrderBy(publication => publication.Begun),
    ];

    // A connection that does not begin as MQTT 5 does is another protocol's.
    private static IEnumerable<Publication> Decode(IEnumerable<TracedCall> connection)
    {
        var (bytes, calls) = (new List<byte>(), new List<(int Through, TracedCall Call)>());
        foreach (var call in connection)
        {
            bytes.AddRange(call.Data.Span);
            calls.Add((bytes.Count, call));
        }

        var stream = bytes.ToArray();
        if (stream.Length < 2 || stream[0] >> 4 is not (Connect or ConnectAcknowledged) || (stream[0] & 0xF) != 0)
        {
            yield break;
        }

        var next = 0;
        for (var at = 0; TryLength(stream, at + 1, out var length, out var body) && body + length <= stream.Length; at = body + length)
        {
            while (calls[next].Through < body + length)
            {
                next++;
            }

            if (stream[at] >> 4 == Publish)
            {
                yield return Read(stream, at, body, length, calls[next].Call);
            }
        }
    }

    // Topic, a packet identifier where the quality of service has one, properties, payload (MQTT 5, section 3.3).
    private static Publication Read(byte[] stream, int header, int body, int length, TracedCall call)
    {
        var topic = (stream[body] << 8) | stream[body + 1];
        var at = body + 2 + topic + ((stream[header] & 0b110) != 0 ? 2 : 0);
        if (!TryLength(stream, at, out var properties, out var after))
        {
            throw new FormatException("A PUBLISH has no end of properties: what was recorded is no MQTT 5.");
        }

        return new(Encoding.UTF8.GetString(stream, body + 2, topic), stream[(after + properties)..(body + length)], call.Begun, call.Ended);
    }

    private static bool TryLength(byte[] stream, int at, out int length, out int after)
    {
        (length, after) = (0, at);
        for (var shift = 0; after < stream.Length && shift < 28; shift += 7)
        {
            var next = stream[after++];
            length |= (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
