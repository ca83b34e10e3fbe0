using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>
/// A machine with its sensor, at a port of this machine where an agent reads it. Each value says whose it is, of which channel, and how many
/// readings went before, so that the truth is here and in no part of the product.
/// </summary>
internal sealed class MachineBench : IAsyncDisposable
{
    public const int Channels = 4;
    private const int IndexBits = 17;

    private readonly int _device;
    private readonly TcpListener _listener = new(IPAddress.Loopback, Ports.Free());
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<DateTimeOffset> _given = [];
    private readonly Task _accepting;
    private volatile bool _dry;
    private int _askedInVain;

    /// <param name="device">0 to 31: more does not fit into an exact float32.</param>
    public MachineBench(int device)
    {
        _device = device;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>When each reading was given, by this machine's clock, which nobody sets.</summary>
    public IReadOnlyList<DateTimeOffset> Given
    {
        get
        {
            lock (_given)
            {
                return [.. _given];
            }
        }
    }

    public static float Value(int device, int channel, int index) => (((device * Channels) + channel) << IndexBits) + index;

    /// <summary>The reading that values are; null: they are none of this device's.</summary>
    public static int? IndexOf(int device, ReadOnlySpan<float> values)
    {
        var index = (int)values[0] & ((1 << IndexBits) - 1);
        for (var channel = 0; channel < Channels; channel++)
        {
            if (BitConverter.SingleToInt32Bits(values[channel]) != BitConverter.SingleToInt32Bits(Value(device, channel, index)))
            {
                return null;
            }
        }

        return index;
    }

    /// <summary>Whether the agent has heard that there is nothing to read, and has done what it does then: it has asked again.</summary>
    public bool IsKnownToBeDry => Volatile.Read(ref _askedInVain) > 1;

    /// <summary>From now on the machine stands, and there is nothing to read.</summary>
    public void RunDry() => _dry = true;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient agent)
    {
        using var _ = agent;
        var (ask, answer) = (new byte[1], new byte[Channels * sizeof(float)]);
        try
        {
            while (await agent.GetStream().ReadAsync(ask, _stopping.Token) > 0)
            {
                Fill(answer);
                await agent.GetStream().WriteAsync(answer, _stopping.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The agent was killed in the middle of it; what was given stays given.
        }
    }

    private void Fill(byte[] answer)
    {
        lock (_given)
        {
            for (var channel = 0; channel < Channels; channel++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(answer.AsSpan(channel * sizeof(float)), _dry ? float.NaN : Value(_device, channel, _given.Count));
            }

            if (_dry)
            {
                _askedInVain++;
            }
            else
            {
                _given.Add(TimeProvider.System.GetUtcNow());
            }
        }
    }
}
