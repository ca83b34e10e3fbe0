using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>A real MQTT broker on a free port, and a cloud of a few lines beside it that stores and acknowledges.</summary>
internal sealed class FakeCloud : IAsyncDisposable
{
    private MqttServer _server;

    private FakeCloud(int port)
    {
        Port = port;
        _server = Create();
    }

    public int Port { get; }

    /// <summary>What it stores, and how it answers.</summary>
    public CloudStore Store { get; } = new();

    /// <summary>Which sequences the cloud stores and acknowledges; others are lost on the way.</summary>
    public Func<long, bool> Stores
    {
        set => Store.Stores = batch => value((long)batch.Sequence);
    }

    /// <summary>Says that these will never be stored.</summary>
    public Func<long, bool> Refuses
    {
        set => Store.Refuses = batch => value((long)batch.Sequence);
    }

    /// <summary>The word for it; null: as an older cloud, which had none.</summary>
    public string? RefusalCode
    {
        set => Store.RefusalCode = value;
    }

    /// <summary>Called while the broker is about to grant a subscription.</summary>
    public Func<string, Task> Subscribing { get; set; } = _ => Task.CompletedTask;

    public bool AcknowledgesReports { get; set; } = true;

    public ConcurrentQueue<(string Topic, byte[] Payload)> Heard { get; } = [];

    /// <summary>The user properties of each telemetry publication.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Properties { get; } = [];

    public ReportedDocument? Reported { get; private set; }

    public StatusDocument? Status { get; private set; }

    public Pulse Changed { get; } = new();

    public IReadOnlyList<TelemetryBatch> Batches => Store.Batches;

    public int Arrivals => Heard.Count(message => message.Topic.EndsWith("/telemetry", StringComparison.Ordinal));

    public static async Task<FakeCloud> StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var cloud = new FakeCloud(port);
        await cloud._server.StartAsync();
        return cloud;
    }

    /// <summary>Restarts the broker alone: retained messages and connections are gone.</summary>
    public async Task RestartAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
        _server = Create();
        await _server.StartAsync();
    }

    public Task StopAsync() => _server.StopAsync();

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain = true) => await _server.InjectApplicationMessage(new(new MqttApplicationMessage
    {
        Topic = topic,
        Payload = new ReadOnlySequence<byte>(payload),
        Retain = retain,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    })
    { SenderClientId = "cloud" });

    public Task DesireAsync(DeviceId device, DesiredDocument desired) =>
        PublishAsync(Topics.Desired(device), JsonSerializer.SerializeToUtf8Bytes(desired, ContractsJson.Default.DesiredDocument));

    public Task AcknowledgeAsync(DeviceId device, AcknowledgementDocument document) =>
        PublishAsync(Topics.Acknowledgement(device), JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.AcknowledgementDocument), retain: false);

    /// <summary>Waits until the condition holds, looking again at each message.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var changed = Changed.Next;
            if (condition())
            {
                return;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }

    private MqttServer Create()
    {
        var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointPort(Port).WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointBoundIPV6Address(IPAddress.None).Build());
        server.InterceptingPublishAsync += async e =>
        {
            if (e.ClientId != "cloud" && Topics.TryParseUp(e.ApplicationMessage.Topic, out var device, out var subject))
            {
                if (subject == UpSubject.Telemetry)
                {
                    Properties.Enqueue(e.ApplicationMessage.UserProperties?.ToDictionary(property => property.Name, property => System.Text.Encoding.UTF8.GetString(property.ValueBuffer.Span)) ?? []);
                }

                await HearAsync(device, subject, e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray());
            }
        };
        server.InterceptingSubscriptionAsync += e => Subscribing(e.TopicFilter.Topic);
        return server;
    }

    private async Task HearAsync(DeviceId device, UpSubject subject, string topic, byte[] payload)
    {
        Heard.Enqueue((topic, payload));
        switch (subject)
        {
            case UpSubject.Telemetry:
                await AcknowledgeAsync(device, Store.Take(payload));
                break;
            case UpSubject.Reported:
                Reported = JsonSerializer.Deserialize(payload, ContractsJson.Default.ReportedDocument)!;
                if (AcknowledgesReports)
                {
                    await AcknowledgeAsync(device, new() { Reported = new(Reported.Session, Reported.Sequence) });
                }

                break;
            default:
                Status = JsonSerializer.Deserialize(payload, ContractsJson.Default.StatusDocument);
                break;
        }

        Changed.Raise();
    }
}
