using System.Buffers;
using Microsoft.Extensions.Options;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Broker;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace MlOps.Edge.Gateway.Link;

/// <summary>The gateway's one connection to the broker, whichever it is at the moment.</summary>
internal sealed class BrokerLink(IOptions<GatewayOptions> options, GatewayCredential credential) : IGatewayStatus, IDisposable
{
    private readonly GatewayOptions _options = options.Value;
    private volatile BrokerConnection? _current;
    private volatile BrokerConnection? _listening;

    public string Broker => $"{_options.Host}:{_options.EffectivePort}";

    /// <summary>The connection, or null while there is none.</summary>
    public BrokerConnection? Current => _current is { IsConnected: true } connection ? connection : null;

    /// <summary>Whether what devices say arrives.</summary>
    public bool IsReady => Current is { } connection && connection == _listening;

    /// <summary>Connects, and asks for everything that devices say, unless that comes straight from the embedded broker.</summary>
    /// <param name="received">Called for one message at a time; the next one is not read before it returns.</param>
    /// <exception cref="MqttCommunicationException">There is no broker, or it refuses.</exception>
    public async Task<BrokerConnection> ConnectAsync(Func<MqttApplicationMessageReceivedEventArgs, Task> received, CancellationToken cancellationToken)
    {
        _current?.Dispose();
        var client = new MqttClientFactory().CreateMqttClient();
        var connection = new BrokerConnection(client);
        try
        {
            client.ApplicationMessageReceivedAsync += received;
            var answer = await client.ConnectAsync(Build(), cancellationToken);
            Require(answer.ResultCode == MqttClientConnectResultCode.Success, $"it refuses the gateway: {answer.ResultCode}");

            // Grains may publish from here on; what they publish counts for this connection.
            _current = connection;
            if (!_options.Direct)
            {
                await ListenAsync(client, cancellationToken);
            }

            _listening = connection;
            return connection;
        }
        catch
        {
            _current = null;
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => _current?.Dispose();

    private static async Task ListenAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        var granted = await client.SubscribeAsync(Topics.AllUp, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
        Require(
            granted.Items.All(item => item.ResultCode == MqttClientSubscribeResultCode.GrantedQoS1),
            $"it does not let the gateway listen to {Topics.AllUp} with QoS 1");

        // Once more, for the retained statuses: MQTTnet's broker looks for them before the subscription stands, so that one said in
        // between would come neither way.
        await client.SubscribeAsync(Topics.AllUp, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new MqttCommunicationException(otherwise);
        }
    }

    private MqttClientOptions Build()
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_options.Host, _options.EffectivePort)
            .WithClientId(GatewayCredential.ClientId)
            .WithCleanStart(true)
            .WithReceiveMaximum((ushort)_options.ReceiveMaximum)
            .WithKeepAlivePeriod(_options.KeepAlive)
            .WithTimeout(TimeSpan.FromSeconds(10));
        builder = _options switch
        {
            { UserName: { } user } => builder.WithCredentials(user, _options.Password ?? ""),
            { Broker.Enabled: true } => builder.WithCredentials(GatewayCredential.UserName, credential.Secret),
            _ => builder,
        };
        return _options.UseTls ? builder.WithTlsOptions(tls => tls.UseTls()).Build() : builder.Build();
    }
}

/// <summary>One connection, from connect to loss.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private readonly IMqttClient _client;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BrokerConnection(IMqttClient client)
    {
        _client = client;
        _client.DisconnectedAsync += _ =>
        {
            _lost.TrySetResult();
            return Task.CompletedTask;
        };
    }

    public bool IsConnected => _client.IsConnected;

    /// <summary>Completes when the connection is gone.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The blobs that this connection's broker has been given.</summary>
    public PublishedBlobs Blobs { get; } = new();

    /// <summary>Publishes retained, and returns when the broker has it.</summary>
    /// <returns>False: the connection was lost, and the broker may not have it.</returns>
    /// <exception cref="GatewayException">The broker refuses the message.</exception>
    public async Task<bool> PublishRetainedAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        var result = await TryPublishAsync(
            new MqttApplicationMessage { Topic = topic, Payload = new ReadOnlySequence<byte>(payload), QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, Retain = true },
            cancellationToken);
        return result is null or { IsSuccess: true }
            ? result is not null
            : throw new GatewayException($"The broker refuses to take '{topic}' ({result.ReasonCode}); give the gateway the right to publish there.");
    }

    /// <summary>Publishes once, without waiting for the broker: for what is said again anyway.</summary>
    public Task SendAsync(string topic, byte[] payload, CancellationToken cancellationToken) =>
        TryPublishAsync(new MqttApplicationMessage { Topic = topic, Payload = new ReadOnlySequence<byte>(payload) }, cancellationToken);

    public void Dispose()
    {
        _lost.TrySetResult();
        _client.Dispose();
    }

    private async Task<MqttClientPublishResult?> TryPublishAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.PublishAsync(message, cancellationToken);
        }
        catch (Exception e) when (LinkLoss.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

/// <summary>How MQTTnet says that a connection is gone: differently at each point where it can be.</summary>
internal static class LinkLoss
{
    public static bool Is(Exception error) => error is MqttCommunicationException or MqttClientNotConnectedException or ObjectDisposedException or OperationCanceledException;
}
