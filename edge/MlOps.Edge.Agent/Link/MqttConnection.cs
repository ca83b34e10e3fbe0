using System.Buffers;
using System.Text;
using MlOps.Edge.Contracts;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MlOps.Edge.Agent.Link;

/// <summary>
/// One MQTT 5 connection, from connect to loss: clean start, QoS 1, and a will. Every call ends within the link's timeout, and with a
/// <see cref="CloudLinkException"/> when the broker is gone or refuses.
/// </summary>
internal sealed class MqttConnection : IDisposable
{
    // What of a packet is not payload: header, topic, properties, with room to spare.
    private const int PacketOverhead = 512;

    private static readonly MqttClientFactory Factory = new();
    private readonly IMqttClient _client = Factory.CreateMqttClient();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LinkOptions _options;
    private readonly TimeProvider _clock;
    private long _mostBytes = long.MaxValue;

    private MqttConnection(LinkOptions options, TimeProvider clock, Action<string, ReadOnlyMemory<byte>> received)
    {
        (_options, _clock) = (options, clock);
        _client.DisconnectedAsync += e =>
        {
            _lost.TrySetResult(e.Exception?.Message ?? e.ReasonString ?? e.Reason.ToString());
            return Task.CompletedTask;
        };
        _client.ApplicationMessageReceivedAsync += e =>
        {
            received(e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray());
            return Task.CompletedTask;
        };
    }

    /// <summary>Ends when the connection is gone, with the reason.</summary>
    public Task<string> Lost => _lost.Task;

    /// <param name="identity">Who connects.</param>
    /// <param name="options">Where to.</param>
    /// <param name="will">What the broker says on the status topic when the connection breaks.</param>
    /// <param name="received">Called for each message that comes down, on the connection's reader.</param>
    /// <param name="clock">Times the waits.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<MqttConnection> OpenAsync(
        AgentIdentity identity, LinkOptions options, byte[] will, Action<string, ReadOnlyMemory<byte>> received, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = new MqttConnection(options, clock, received);
        try
        {
            var answer = await connection.AskAsync(ct => connection._client.ConnectAsync(Options(identity, options, will), ct), cancellationToken);
            if (answer.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw new CloudLinkException($"the broker refuses this device: {answer.ResultCode} {answer.ReasonString}".TrimEnd());
            }

            connection._mostBytes = answer.MaximumPacketSize is > PacketOverhead and var most ? most - PacketOverhead : long.MaxValue;
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, IReadOnlyList<UserProperty> properties, CancellationToken cancellationToken)
    {
        if (payload.Length > _mostBytes)
        {
            throw new MessageTooLargeException(payload.Length, _mostBytes);
        }

        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(payload),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = retain,
            UserProperties = [.. properties.Select(property => new MqttUserProperty(property.Name, Encoding.UTF8.GetBytes(property.Value)))],
        };
        var result = await AskAsync(ct => _client.PublishAsync(message, ct), cancellationToken);
        if (!result.IsSuccess)
        {
            throw new CloudLinkException($"the broker refused a message on {topic}: {result.ReasonCode} {result.ReasonString}".TrimEnd());
        }
    }

    public async Task SubscribeAsync(IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        var subscription = new MqttClientSubscribeOptionsBuilder();
        foreach (var topic in topics)
        {
            subscription.WithTopicFilter(topic, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        var result = await AskAsync(ct => _client.SubscribeAsync(subscription.Build(), ct), cancellationToken);
        var refused = result.Items.FirstOrDefault(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2);
        if (refused is not null)
        {
            throw new CloudLinkException($"the broker refused the subscription to {refused.TopicFilter.Topic}: {refused.ResultCode}");
        }
    }

    public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) =>
        AskAsync(ct => _client.UnsubscribeAsync(topic, ct), cancellationToken);

    /// <summary>Says DISCONNECT, so that the will is not said.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken) => AskAsync(
        async ct =>
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), ct);
            return true;
        },
        cancellationToken);

    /// <summary>Closes the socket without a DISCONNECT.</summary>
    public void Dispose() => _client.Dispose();

    // MQTTnet waits for ever when it is given a token: a broker that answers pings and nothing else would hold up the agent.
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception e) when (e is not CloudLinkException && !cancellationToken.IsCancellationRequested)
        {
            throw new CloudLinkException(limit.IsCancellationRequested ? $"the broker does not answer within {_options.Timeout}" : e.Message, e);
        }
        catch (Exception e) when (e is not (CloudLinkException or OperationCanceledException))
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken); // MQTTnet says it in many ways
        }
    }

    private static MqttClientOptions Options(AgentIdentity identity, LinkOptions options, byte[] will) => new MqttClientOptionsBuilder()
        .WithTcpServer(options.Host, options.Port)
        .WithProtocolVersion(MqttProtocolVersion.V500)
        .WithClientId(identity.Device.ToString())
        .WithCleanStart(true)
        .WithSessionExpiryInterval(0)
        .WithKeepAlivePeriod(options.KeepAlive)
        .WithTimeout(options.Timeout)
        .WithWillTopic(Topics.Status(identity.Device))
        .WithWillPayload(will)
        .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .WithWillRetain(true)
        .Build();
}
