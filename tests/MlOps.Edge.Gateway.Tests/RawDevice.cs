using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MlOps.Edge.Gateway.Tests;

/// <summary>A device as the wire sees it: an MQTT client and nothing else.</summary>
public sealed class RawDevice : IDisposable
{
    public static readonly byte[] Epoch = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private readonly Lock _gate = new();
    private readonly List<(string Topic, byte[] Payload)> _received = [];
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    private RawDevice(string id)
    {
        Id = DeviceId.Parse(id);
        _client.ApplicationMessageReceivedAsync += message =>
        {
            lock (_gate)
            {
                _received.Add((message.ApplicationMessage.Topic, message.ApplicationMessage.Payload.ToArray()));
            }

            return Task.CompletedTask;
        };
    }

    public DeviceId Id { get; }

    public bool IsConnected => _client.IsConnected;

    public static async Task<RawDevice> ConnectAsync(int port, string id, Action<MqttClientOptionsBuilder>? configure = null)
    {
        var device = new RawDevice(id);
        Assert.Equal(MqttClientConnectResultCode.Success, await device.TryConnectAsync(port, id, configure));
        await device.SubscribeAsync($"{Topics.Root}/d/{id}/down/#");
        return device;
    }

    public static async Task<MqttClientConnectResultCode> TryAsync(int port, string clientId, Action<MqttClientOptionsBuilder>? configure = null)
    {
        using var device = new RawDevice("nobody");
        return await device.TryConnectAsync(port, clientId, configure);
    }

    public Task<MqttClientSubscribeResult> SubscribeAsync(string filter) =>
        _client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, TestContext.Current.CancellationToken);

    public Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, bool retain = false) =>
        _client.PublishBinaryAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain, TestContext.Current.CancellationToken);

    public Task<MqttClientPublishResult> SendAsync(TelemetryBatch batch, params (string Name, string Value)[] properties) => _client.PublishAsync(
        new MqttApplicationMessage
        {
            Topic = Topics.Telemetry(Id),
            Payload = new ReadOnlySequence<byte>(batch.ToByteArray()),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            UserProperties = [.. properties.Select(p => new MQTTnet.Packets.MqttUserProperty(p.Name, Encoding.UTF8.GetBytes(p.Value).AsMemory()))],
        },
        TestContext.Current.CancellationToken);

    public TelemetryBatch Batch(ulong sequence, float value = 1)
    {
        var bytes = new byte[sizeof(float)];
        System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return new()
        {
            Protocol = 1,
            StreamEpoch = ByteString.CopyFrom(Epoch),
            Sequence = sequence,
            Kind = StreamKind.Live,
            Device = Id.ToString(),
            Readings =
            {
                new Readings
                {
                    Asset = $"{Id}-pump", Installation = 1, MachineKind = "pump", FirstFrame = sequence, Frames = 1, FirstTimeMs = 1_700_000_000_000, IntervalMs = 1000,
                    Columns = { new Column { Channel = "x", Unit = "1", Float32 = ByteString.CopyFrom(bytes) } },
                },
            },
        };
    }

    public IReadOnlyList<byte[]> On(string topic)
    {
        lock (_gate)
        {
            return [.. _received.Where(m => m.Topic == topic).Select(m => m.Payload)];
        }
    }

    public IReadOnlyList<AcknowledgementDocument> Acknowledgements =>
        [.. On(Topics.Acknowledgement(Id)).Select(json => JsonSerializer.Deserialize(json, ContractsJson.Default.AcknowledgementDocument)!)];

    public IReadOnlyList<RefusedRange> Refusals => [.. Acknowledgements.SelectMany(a => a.Streams).SelectMany(s => s.Refused ?? [])];

    /// <summary>The last thing the cloud said of this device's stream.</summary>
    public StreamAcknowledgement? Stored
    {
        get
        {
            var topic = Topics.Acknowledgement(Id);
            lock (_gate)
            {
                return Enumerable.Reverse(_received)
                    .Where(m => m.Topic == topic)
                    .Select(m => JsonSerializer.Deserialize(m.Payload, ContractsJson.Default.AcknowledgementDocument)!)
                    .SelectMany(a => a.Streams)
                    .FirstOrDefault();
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<MqttClientConnectResultCode> TryConnectAsync(int port, string clientId, Action<MqttClientOptionsBuilder>? configure)
    {
        var builder = new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", port).WithClientId(clientId).WithCleanStart(true);
        configure?.Invoke(builder);
        return (await _client.ConnectAsync(builder.Build(), TestContext.Current.CancellationToken)).ResultCode;
    }
}
