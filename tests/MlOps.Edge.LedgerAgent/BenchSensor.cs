using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MlOps.Edge.Agent;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.LedgerAgent;

/// <summary>
/// A sensor behind a TCP port of this machine: one byte asks, and a little-endian float32 for each channel answers; NaN: the machine stands. Whoever listens there knows
/// what was read, and when.
/// </summary>
internal sealed class BenchSensor(int port, int channels) : ISensor
{
    private readonly byte[] _ask = [1];
    private readonly byte[] _answer = new byte[channels * sizeof(float)];
    private TcpClient? _bench;

    public string Name => $"bench at port {port}";

    public IReadOnlyList<ChannelSpec> Channels { get; } = [.. Enumerable.Range(0, channels).Select(channel => new ChannelSpec($"channel_{channel}", "1"))];

    public async ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken)
    {
        try
        {
            if (_bench is null)
            {
                _bench = new() { NoDelay = true };
                await _bench.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            }

            await _bench.GetStream().WriteAsync(_ask, cancellationToken);
            await _bench.GetStream().ReadExactlyAsync(_answer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            _bench?.Dispose();
            _bench = null;
            throw new SensorException(e.Message, e);
        }

        if (float.IsNaN(BinaryPrimitives.ReadSingleLittleEndian(_answer)))
        {
            return SensorReading.Ended;
        }

        for (var channel = 0; channel < channels; channel++)
        {
            values.Span[channel] = BinaryPrimitives.ReadSingleLittleEndian(_answer.AsSpan(channel * sizeof(float)));
        }

        return SensorReading.Read;
    }

    public ValueTask DisposeAsync()
    {
        _bench?.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Settings: <c>Port</c>, <c>Channels</c>.</summary>
internal sealed class BenchSensorDriver : ISensorDriver
{
    public string Name => "bench";

    public ISensor Open(SensorOptions sensor, long age) => new BenchSensor(Number(sensor, "Port"), Number(sensor, "Channels"));

    private static int Number(SensorOptions sensor, string name) =>
        sensor.Settings.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new AgentConfigurationException($"A bench sensor needs Settings:{name}, a number.");
}
