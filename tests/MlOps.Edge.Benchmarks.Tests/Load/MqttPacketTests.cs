using MlOps.Edge.Benchmarks.Load;

namespace MlOps.Edge.Benchmarks.Tests.Load;

public sealed class MqttPacketTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "FF7F")]
    [InlineData(16_384, "808001")]
    [InlineData(2_097_152, "80808001")]
    public void A_length_is_written_as_table_1_1_of_the_standard_shows_it(int length, string expected)
    {
        var bytes = new byte[MqttPacket.SizeOfLength(length)];

        Assert.True(MqttPacket.WriteLength(bytes, length).IsEmpty);
        Assert.Equal(expected, Convert.ToHexString(bytes));
    }

    [Fact]
    public void A_packet_is_read_once_all_of_it_is_there()
    {
        byte[] packet = [0x40, 0x02, 0x12, 0x34, 0xFF];

        Assert.False(MqttPacket.TryRead(packet.AsSpan(0, 1), out _, out _, out _));
        Assert.False(MqttPacket.TryRead(packet.AsSpan(0, 3), out _, out _, out _));
        Assert.True(MqttPacket.TryRead(packet, out var kind, out var body, out var size));
        Assert.Equal((MqttPacket.PublishAck, 4, "1234"), (kind, size, Convert.ToHexString(body)));
    }

    [Theory]
    [InlineData("000000", 65_535)]
    [InlineData("00000321000A", 10)]
    [InlineData("00000D27000F42402500120001612100", 0x2A)]
    public void The_receive_maximum_is_found_among_other_properties(string body, int expected) =>
        Assert.Equal(expected, MqttPacket.ReceiveMaximum(Convert.FromHexString(expected == 0x2A ? body + "2A" : body)));
}
