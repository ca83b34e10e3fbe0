using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MlOps.Edge.Agent.Link;

/// <summary>One MQTT 5 connection that comes back by itself: clean start, will, exponential backoff with jitter.</summary>
internal sealed partial class MqttLink(AgentIdentity identity, LinkOptions options, Jitter jitter, TimeProvider clock, ILogger<MqttLink> logger) : ICloudLink, IAgentLoop
{
    private static readonly MqttClientFactory Factory = new();
    private readonly Pulse _network = new();
    private IMqttClient? _client;
    private volatile bool _networkUp = true;
    private volatile bool _isUp;
    private int _connection;

    public int Connection => Volatile.Read(ref _connection);

    public bool IsUp => _isUp;

    public Pulse Changed { get; } = new();

    public event Action<string, ReadOnlyMemory<byte>>? Received;

    /// <summary>Takes the network away, as a pulled cable does: no DISCONNECT, so the will fires; and gives it back.</summary>
    public void SetNetwork(bool up)
    {
        _networkUp = up;
        _network.Raise();
    }

    /// <summary>Keeps the connection until cancelled, then says goodbye.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var network = _network.Next;
            if (!_networkUp)
            {
                await network.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            try
            {
                await HoldAsync(() => failures = 0, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Offline is a normal state for an edge device, whatever the reason: say it once, then keep trying quietly.
                if (failures++ == 0)
                {
                    LogOffline(options.Host, options.Port, e.Message);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (_networkUp)
            {
                await Pulse.WaitAsync(network, jitter.Around(options.RetryDelay(failures)), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken) => WithClientAsync(async client =>
    {
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(payload),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = retain,
        };
        var result = await client.PublishAsync(message, cancellationToken);
        if (!result.IsSuccess)
        {
            throw new CloudLinkException($"the broker refused a message on {topic}: {result.ReasonCode} {result.ReasonString}".TrimEnd());
        }
    }, cancellationToken);

    public Task SubscribeAsync(string topic, CancellationToken cancellationToken) =>
        WithClientAsync(client => SubscribeAsync(client, [topic], cancellationToken), cancellationToken);

    public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) =>
        WithClientAsync(client => client.UnsubscribeAsync(topic, cancellationToken), cancellationToken);

    private async Task HoldAsync(Action connected, CancellationToken cancellationToken)
    {
        using var client = Factory.CreateMqttClient();
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            lost.TrySetResult(e.Exception?.Message ?? e.ReasonString ?? e.Reason.ToString());
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += e =>
        {
            Received?.Invoke(e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray());
            return Task.CompletedTask;
        };
        var network = _network.Next;
        await client.ConnectAsync(Options(), cancellationToken);
        try
        {
            await SubscribeAsync(client, [Topics.Acknowledgement(identity.Device), Topics.Desired(identity.Device), Topics.ModelSigningKey], cancellationToken);
            _client = client;
            await PublishAsync(Topics.Status(identity.Device), Status(online: true), retain: true, cancellationToken);
            Interlocked.Increment(ref _connection);
            _isUp = true;
            connected();
            LogOnline(options.Host, options.Port);
            Changed.Raise();
            while (_networkUp && !lost.Task.IsCompleted)
            {
                await Task.WhenAny(lost.Task, network).WaitAsync(cancellationToken);
                network = _network.Next;
            }

            if (_networkUp)
            {
                throw new CloudLinkException(await lost.Task);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(client);
            throw;
        }
        finally
        {
            // Disposing closes the socket without a DISCONNECT.
            _client = null;
            _isUp = false;
            Changed.Raise();
        }
    }

    private async Task SayGoodbyeAsync(IMqttClient client)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            await PublishAsync(Topics.Status(identity.Device), Status(online: false), retain: true, limit.Token);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token);
        }
        catch (Exception e) when (e is CloudLinkException or OperationCanceledException || e is MQTTnet.Exceptions.MqttCommunicationException)
        {
            LogNoGoodbye(e.Message); // the will says it for us
        }
    }

    private static async Task SubscribeAsync(IMqttClient client, IReadOnlyList<string> topics, CancellationToken cancellationToken)
    {
        var subscription = new MqttClientSubscribeOptionsBuilder();
        foreach (var topic in topics)
        {
            subscription.WithTopicFilter(topic, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        var result = await client.SubscribeAsync(subscription.Build(), cancellationToken);
        var refused = result.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2);
        if (refused is not null)
        {
            throw new CloudLinkException($"the broker refused the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode}");
        }
    }

    private async Task WithClientAsync(Func<IMqttClient, Task> use, CancellationToken cancellationToken)
    {
        var client = _client ?? throw new CloudLinkException("the broker is out of reach");
        try
        {
            await use(client);
        }
        catch (Exception e) when (e is not CloudLinkException && !cancellationToken.IsCancellationRequested)
        {
            throw new CloudLinkException(e.Message, e);
        }
    }

    private MqttClientOptions Options() => new MqttClientOptionsBuilder()
        .WithTcpServer(options.Host, options.Port)
        .WithProtocolVersion(MqttProtocolVersion.V500)
        .WithClientId(identity.Device.ToString())
        .WithCleanStart(true)
        .WithSessionExpiryInterval(0)
        .WithKeepAlivePeriod(options.KeepAlive)
        .WithTimeout(options.Timeout)
        .WithWillTopic(Topics.Status(identity.Device))
        .WithWillPayload(Status(online: false))
        .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .WithWillRetain(true)
        .Build();

    private byte[] Status(bool online) => JsonSerializer.SerializeToUtf8Bytes(new StatusDocument(online, identity.Session), ContractsJson.Default.StatusDocument);

    [LoggerMessage(LogLevel.Warning, "The broker {Host}:{Port} is out of reach ({Reason}); readings wait in the outbox")]
    private partial void LogOffline(string host, int port, string reason);

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Host}:{Port}")]
    private partial void LogOnline(string host, int port);

    [LoggerMessage(LogLevel.Debug, "No goodbye to the broker: {Reason}")]
    private partial void LogNoGoodbye(string reason);
}
