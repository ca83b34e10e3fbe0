using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Faults;

/// <summary>
/// Stands between devices and their broker and does to their MQTT packets what networks do: holds them back, lets them overtake each other, sends them twice, lets a
/// connection go silent without an end, cuts it off. What it does is drawn from a seed.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _brokerPort;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<int, Link> _links = [];
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private volatile Weather _weather = Weather.Fair;
    private volatile bool _parted;
    private int _count;
    private int _acknowledged;

    /// <param name="brokerPort">On this machine.</param>
    public FaultProxy(int brokerPort, int seed)
    {
        (_brokerPort, _random) = (brokerPort, new(seed));
        _listener = new(IPAddress.Loopback, Ports.Free());
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Publications that came out of order, and those that went twice.</summary>
    public (int Overtaken, int Repeated) Done { get; private set; }

    /// <summary>How many publications of devices the broker has acknowledged to them.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>What becomes of packets from now on.</summary>
    public Weather Weather
    {
        get => _weather;
        set => _weather = value;
    }

    /// <summary>Cuts every connection off, without a goodbye.</summary>
    public void Cut()
    {
        foreach (var link in _links.Values)
        {
            link.Reset();
        }
    }

    /// <summary>From now on nothing of the present connections gets through in either direction, and nobody is told. New ones work.</summary>
    public void GoSilent()
    {
        foreach (var link in _links.Values)
        {
            link.IsSilent = true;
        }
    }

    /// <summary>From now on nothing gets through, neither of the present connections nor of new ones, and nobody is told.</summary>
    public void Part()
    {
        _parted = true;
        GoSilent();
    }

    /// <summary>The network is whole again. What was held open meanwhile is cut off.</summary>
    public void Heal()
    {
        _parted = false;
        Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var device = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = ServeAsync(device, Interlocked.Increment(ref _count));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient device, int number)
    {
        var broker = new TcpClient();
        var link = new Link(device, broker) { IsSilent = _parted };
        try
        {
            await broker.ConnectAsync(IPAddress.Loopback, _brokerPort, _stopping.Token);
            _links[number] = link;
            await Task.WhenAny(PumpAsync(link, device, broker), PumpAsync(link, broker, device));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // No broker at the moment: the device finds its connection closed.
        }
        finally
        {
            _links.TryRemove(number, out _);
            link.Reset();
        }
    }

    private async Task PumpAsync(Link link, TcpClient from, TcpClient to)
    {
        var (packets, held) = (new MqttPackets(from.GetStream()), new List<(byte[] Packet, int Left)>());
        try
        {
            while (await packets.ReadAsync(_stopping.Token) is { } packet)
            {
                if (link.IsSilent)
                {
                    continue;
                }

                if (from == link.Broker && MqttPackets.IsAcknowledgement(packet))
                {
                    Interlocked.Increment(ref _acknowledged);
                }

                foreach (var next in Next(packet, held))
                {
                    await to.GetStream().WriteAsync(next, _stopping.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // One end is gone; the other is told by whoever waits for this.
        }
    }

    // Only publications go astray: what holds a connection together has its order.
    private List<byte[]> Next(byte[] packet, List<(byte[] Packet, int Left)> held)
    {
        var weather = _weather;
        var outgoing = new List<byte[]>();
        lock (_gate)
        {
            if (MqttPackets.IsPublish(packet) && _random.NextDouble() < weather.Holds)
            {
                held.Add((packet, _random.Next(1, weather.MostOvertaking + 1)));
                Done = Done with { Overtaken = Done.Overtaken + 1 };
            }
            else
            {
                outgoing.Add(packet);
                if (MqttPackets.IsPublish(packet) && _random.NextDouble() < weather.Repeats)
                {
                    outgoing.Add(MqttPackets.Again(packet));
                    Done = Done with { Repeated = Done.Repeated + 1 };
                }
            }

            for (var i = held.Count - 1; i >= 0; i--)
            {
                held[i] = held[i] with { Left = held[i].Left - 1 };
                if (held[i].Left <= 0 || weather == Weather.Fair)
                {
                    outgoing.Add(held[i].Packet);
                    held.RemoveAt(i);
                }
            }
        }

        return outgoing;
    }

    private sealed class Link(TcpClient device, TcpClient broker)
    {
        public volatile bool IsSilent;

        public TcpClient Broker => broker;

        public void Reset()
        {
            foreach (var end in (TcpClient[])[device, broker])
            {
                // Linger 0 sends a reset instead of an end.
                if (end.Client is { } socket)
                {
                    socket.LingerState = new(enable: true, seconds: 0);
                }

                end.Dispose();
            }
        }
    }
}

/// <param name="Holds">The share of publications that are held back until others have gone by.</param>
/// <param name="MostOvertaking">How many packets go by one that is held, at most.</param>
/// <param name="Repeats">The share of publications that go twice.</param>
internal sealed record Weather(double Holds, int MostOvertaking, double Repeats)
{
    public static Weather Fair { get; } = new(0, 1, 0);

    public static Weather Foul { get; } = new(0.2, 5, 0.2);
}
