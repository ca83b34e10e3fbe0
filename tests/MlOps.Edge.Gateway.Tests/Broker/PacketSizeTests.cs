using System.Net.Sockets;
using System.Text;
using MlOps.Edge.Gateway.Tests.Limits;

namespace MlOps.Edge.Gateway.Tests.Broker;

/// <summary>A packet that is too long is refused when it says so, not when it is there.</summary>
public sealed class PacketSizeTests(ImpatientCloud cloud) : IClassFixture<ImpatientCloud>
{
    private const byte Connect = 0x10;
    private const byte PublishAtLeastOnce = 0x32;

    [Fact]
    public async Task A_device_that_announces_too_much_is_cut_off_at_once_and_that_counts_against_it()
    {
        while ((await cloud.Device("large-01").GetAsync()).Quarantine is null)
        {
            using var socket = await ConnectedAsync("large-01");

            // 200 MB, of which none comes.
            await socket.SendAsync(new byte[] { PublishAtLeastOnce, 0x80, 0x84, 0xAF, 0x5F }, TestContext.Current.CancellationToken);
            await IsClosedAsync(socket);
        }

        Assert.Contains("bytes at once", (await cloud.Device("large-01").GetAsync()).Quarantine!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_not_said_who_it_is_has_little_room()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", cloud.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(new byte[] { Connect, 0x80, 0x80, 0x08 }, TestContext.Current.CancellationToken); // 128 KiB
        await IsClosedAsync(socket);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0030\u0002\u0000\u0000")] // a PUBLISH
    [InlineData("\u0010\u00ff\u00ff\u00ff\u00ff\u0001")] // a length of five bytes
    public async Task Who_begins_with_anything_but_a_connect_is_cut_off(string bytes)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", cloud.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), TestContext.Current.CancellationToken);
        await IsClosedAsync(socket);
    }

    [Fact]
    public async Task A_device_whose_packets_have_no_length_is_cut_off_and_that_counts_against_it()
    {
        while ((await cloud.Device("endless-01").GetAsync()).Quarantine is null)
        {
            using var socket = await ConnectedAsync("endless-01");
            await socket.SendAsync(new byte[] { PublishAtLeastOnce, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, TestContext.Current.CancellationToken);
            await IsClosedAsync(socket);
        }

        Assert.Contains("no MQTT", (await cloud.Device("endless-01").GetAsync()).Quarantine!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_header_that_comes_byte_by_byte_is_waited_for()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", cloud.Port, TestContext.Current.CancellationToken);
        foreach (var one in ConnectPacket("slow-01"))
        {
            await socket.SendAsync(new[] { one }, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0x20, await FirstByteAsync(socket));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(300)]
    public async Task A_connection_that_ends_within_a_packet_is_closed(int bytes)
    {
        using var socket = await ConnectedAsync($"half-{bytes}");
        byte[] packet = [PublishAtLeastOnce, 0x80, 0x08, .. new byte[1024]];
        await socket.SendAsync(packet.AsMemory(0, bytes), TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        await IsClosedAsync(socket);
    }

    private async Task<Socket> ConnectedAsync(string clientId)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", cloud.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(ConnectPacket(clientId), TestContext.Current.CancellationToken);
        Assert.Equal(0x20, await FirstByteAsync(socket));
        return socket;
    }

    // MQTT 5, section 3.1: clean start, a minute of keep-alive, no properties.
    private static byte[] ConnectPacket(string clientId) =>
        [Connect, (byte)(13 + clientId.Length), 0, 4, .. "MQTT"u8, 5, 0b10, 0, 60, 0, 0, (byte)clientId.Length, .. Encoding.ASCII.GetBytes(clientId)];

    private static async Task<byte> FirstByteAsync(Socket socket)
    {
        var answer = new byte[512];
        Assert.NotEqual(0, await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken));
        return answer[0];
    }

    // A DISCONNECT may come before.
    private static async Task IsClosedAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[512], TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // So it is.
        }
    }
}
