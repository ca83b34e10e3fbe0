namespace MlOps.Edge.EndToEnd.Faults;

/// <summary>Cuts a TCP stream into MQTT packets: a fixed header, a remaining length in base 128, and so many bytes (MQTT 5, section 2.1).</summary>
internal sealed class MqttPackets(Stream stream)
{
    private const int Publish = 3;
    private const int PublishAcknowledgement = 4;
    private readonly byte[] _one = new byte[1];

    /// <returns>The next packet whole, its header included; null at the end of the stream.</returns>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        var packet = new List<byte>(64);
        if (!await ByteAsync(packet, cancellationToken))
        {
            return null;
        }

        var (length, shift) = (0, 0);
        do
        {
            if (!await ByteAsync(packet, cancellationToken))
            {
                return null;
            }

            length |= (packet[^1] & 0x7F) << shift;
            shift += 7;
        }
        while ((packet[^1] & 0x80) != 0);

        var whole = new byte[packet.Count + length];
        packet.CopyTo(whole);
        return await stream.ReadAtLeastAsync(whole.AsMemory(packet.Count), length, throwOnEndOfStream: false, cancellationToken) == length ? whole : null;
    }

    public static bool IsPublish(byte[] packet) => packet[0] >> 4 == Publish;

    public static bool IsAcknowledgement(byte[] packet) => packet[0] >> 4 == PublishAcknowledgement;

    /// <summary>The packet as it goes again: the same identifier, and the flag that says so (MQTT 5, section 3.3.1.1).</summary>
    public static byte[] Again(byte[] packet)
    {
        byte[] again = [.. packet];
        again[0] |= 0b1000;
        return again;
    }

    private async Task<bool> ByteAsync(List<byte> packet, CancellationToken cancellationToken)
    {
        if (await stream.ReadAsync(_one, cancellationToken) == 0)
        {
            return false;
        }

        packet.Add(_one[0]);
        return true;
    }
}
