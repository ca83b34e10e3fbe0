using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Flood;

/// <summary>
/// A device that went mad: 10,000 messages a second, first batches that can be read, then garbage; then payloads of 10 MB one after the other; then bytes
/// that are no MQTT. Whenever its connection is closed it opens another at once.
/// </summary>
internal sealed class FloodingDevice(string name, int port, int seed)
{
    private const int PerSecond = 10_000;
    private const int GarbageBytes = 200;
    private const int LargeBytes = 10_000_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Random _random = new(seed);
    private readonly byte[] _epoch = Guid.NewGuid().ToByteArray();
    private readonly string _topic = Topics.Telemetry(DeviceId.Parse(name));
    private ulong _sequence;

    public string Name => name;

    /// <summary>What got out of this process.</summary>
    public long Bytes { get; private set; }

    public long Messages { get; private set; }

    public int Connections { get; private set; }

    /// <summary>Each kind for a quarter of the time.</summary>
    /// <param name="first">Which of the four kinds it begins with: the later ones come when it is in quarantine.</param>
    public async Task RunAsync(int first, TimeSpan time, CancellationToken cancellationToken)
    {
        Func<Socket, CancellationToken, Task>[] kinds = [(socket, stop) => PacedAsync(socket, Readable, stop), (socket, stop) => PacedAsync(socket, Garbage, stop), LargeAsync, NoMqttAsync];
        foreach (var kind in Enumerable.Range(first, kinds.Length).Select(i => kinds[i % kinds.Length]))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            stop.CancelAfter(time / 4);
            while (!stop.IsCancellationRequested)
            {
                await ConnectedAsync(kind, stop.Token);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task ConnectedAsync(Func<Socket, CancellationToken, Task> kind, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            Connections++;
            if (kind != NoMqttAsync)
            {
                await SendAsync(socket, MqttPacket.Connect(name, null, []), stop);
            }

            using var closed = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var draining = DrainAsync(socket, closed);
            await kind(socket, closed.Token);
            await closed.CancelAsync();
            await draining;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // It was thrown out, or its time is over: the caller knows which.
        }
    }

    private async Task PacedAsync(Socket socket, Func<byte[]> next, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        var (began, sent) = (TimeProvider.System.GetTimestamp(), 0L);
        var packets = new List<byte>();
        while (await timer.WaitForNextTickAsync(stop))
        {
            for (var due = (long)(TimeProvider.System.GetElapsedTime(began).TotalSeconds * PerSecond); sent < due; sent++)
            {
                packets.AddRange(Published(next()));
                Messages++;
            }

            await SendAsync(socket, packets.ToArray(), stop);
            packets.Clear();
        }
    }

    private async Task LargeAsync(Socket socket, CancellationToken stop)
    {
        var packet = Published(new byte[LargeBytes]);
        while (true)
        {
            await SendAsync(socket, packet, stop);
            Messages++;
        }
    }

    private async Task NoMqttAsync(Socket socket, CancellationToken stop)
    {
        while (true)
        {
            await SendAsync(socket, Garbage(), stop);
        }
    }

    private byte[] Readable() => new TelemetryBatch
    {
        Protocol = 1,
        StreamEpoch = ByteString.CopyFrom(_epoch),
        Sequence = ++_sequence,
        Kind = StreamKind.Live,
        Device = name,
        Gaps = { new Gap { Reason = "stopped", Asset = name, FirstFrame = _sequence, LastFrame = _sequence, Readings = 1 } },
    }.ToByteArray();

    private byte[] Garbage()
    {
        var garbage = new byte[GarbageBytes];
        _random.NextBytes(garbage);
        return garbage;
    }

    private byte[] Published(byte[] payload)
    {
        var topic = Encoding.UTF8.GetBytes(_topic);
        var length = 2 + topic.Length + 2 + 1 + payload.Length;
        var packet = new byte[1 + MqttPacket.SizeOfLength(length) + length];
        packet[0] = MqttPacket.Publish | 0x02;
        var body = MqttPacket.WriteLength(packet.AsSpan(1), length);
        (body[0], body[1]) = (0, (byte)topic.Length);
        topic.CopyTo(body[2..]);
        (body[2 + topic.Length], body[3 + topic.Length]) = ((byte)(Messages >> 8), (byte)(Messages | 1));
        payload.CopyTo(body[(5 + topic.Length)..]);
        return packet;
    }

    private async Task SendAsync(Socket socket, byte[] bytes, CancellationToken stop)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            var count = await socket.SendAsync(bytes.AsMemory(sent), stop);
            sent += count;
            Bytes += count;
        }
    }

    // Answers must not fill the connection; its end ends what is sent on it.
    private static async Task DrainAsync(Socket socket, CancellationTokenSource closed)
    {
        var nothing = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(nothing, closed.Token) > 0)
            {
                // The device does not listen.
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The same as the end.
        }

        await closed.CancelAsync();
    }
}
