using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlOps.Edge.Contracts;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>An MQTT broker in this process. It keeps nothing over a restart: the cloud says everything again.</summary>
internal sealed partial class EmbeddedBroker(
    IOptions<GatewayOptions> options, IBrokerPolicy policy, EmbeddedPath path, DirectUplink uplink, TimeProvider clock, ILoggerFactory loggers, ILogger<EmbeddedBroker> logger)
    : IHostedService
{
    // A PUBLISH has a topic and properties beside its payload.
    private const int AroundPayload = 64 * 1024;

    private readonly BrokerOptions _options = options.Value.Broker;
    private readonly bool _direct = options.Value.Direct;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
        {
            return;
        }

        var sockets = new SocketAdapter(new(IPAddress.Parse(_options.Address), _options.Port), _options.MaxPayloadBytes + AroundPayload, RefuseAsync, clock, loggers);
        var server = new MqttServerFactory().CreateMqttServer(Build(), [sockets]);
        server.ValidatingConnectionAsync += connection => ConnectAsync(connection, sockets);
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += SubscribeAsync;
        try
        {
            await server.StartAsync();
        }
        catch (Exception e) when (SocketErrorOf(e) is { } error)
        {
            server.Dispose();
            throw new GatewayException(error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"Port {_options.Port} on {_options.Address} is in use; set Gateway:Broker:Port to a free one, or Gateway:Broker:Enabled to false to use the broker that is there."
                : $"The broker cannot listen on {_options.Address}:{_options.Port} ({error.Message}); set Gateway:Broker:Address and Gateway:Broker:Port.", error);
        }

        path.Server = server;
        LogListening(_options.Address, _options.Port);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (path.Server is { } server)
        {
            path.Server = null;
            await server.StopAsync(new MqttServerStopOptions());
            server.Dispose();
        }
    }

    private static SocketException? SocketErrorOf(Exception? error) => error as SocketException ?? (error is null ? null : SocketErrorOf(error.InnerException));

    private MqttServerOptions Build() => new MqttServerOptionsBuilder()
        .WithMaxPendingMessagesPerClient(_options.MaxPendingPerClient)
        .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropNewMessage)
        .Build();

    private Task RefuseAsync(string? clientId, string reason)
    {
        if (clientId is not null)
        {
            LogRefusedPacket(clientId, reason, _options.MaxPayloadBytes);
        }

        return uplink.RefusedAsync(clientId, reason);
    }

    private async Task ConnectAsync(ValidatingConnectionEventArgs connection, SocketAdapter sockets)
    {
        if (!policy.MayConnect(new(connection.ClientId, connection.UserName), connection.Password))
        {
            connection.ReasonCode = MqttConnectReasonCode.NotAuthorized;
            LogRefused(connection.ClientId);
            await uplink.RefusedAsync(null, "not authorised");
        }
        else if (await uplink.ConnectingAsync(connection.ClientId))
        {
            sockets.Connected(connection.RemoteEndPoint, connection.ClientId);
        }
        else
        {
            connection.ReasonCode = MqttConnectReasonCode.ConnectionRateExceeded;
        }
    }

    private async Task PublishAsync(InterceptingPublishEventArgs publish)
    {
        var message = publish.ApplicationMessage;
        if (message.Payload.Length > _options.MaxPayloadBytes)
        {
            publish.ProcessPublish = false;
            publish.CloseConnection = true;
            publish.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            await RefuseAsync(publish.ClientId, $"{message.Payload.Length} bytes at once");
        }
        else if (!policy.MayPublish(new(publish.ClientId, publish.UserName), message.Topic))
        {
            publish.ProcessPublish = false;
            publish.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            LogForeignTopic(publish.ClientId, message.Topic);
        }
        else if (Topics.TryParseUp(message.Topic, out var device, out var subject))
        {
            // Retained telemetry would come again, as if new, at each connect of the gateway.
            message.Retain &= subject == UpSubject.Status;
            if (_direct)
            {
                await uplink.TakeAsync(publish, device, subject);
            }
        }
    }

    private Task SubscribeAsync(InterceptingSubscriptionEventArgs subscription)
    {
        if (!policy.MaySubscribe(new(subscription.ClientId, subscription.UserName), subscription.TopicFilter.Topic))
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            LogForeignTopic(subscription.ClientId, subscription.TopicFilter.Topic);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "The embedded broker listens on {Address}:{Port}")]
    private partial void LogListening(string address, int port);

    [LoggerMessage(LogLevel.Warning, "Client '{Client}' may not connect: a device's client id is its device id")]
    private partial void LogRefused(string client);

    [LoggerMessage(LogLevel.Warning, "Client '{Client}' may not use topic '{Topic}'")]
    private partial void LogForeignTopic(string client, string topic);

    [LoggerMessage(LogLevel.Warning, "Client '{Client}' sent {Reason} and is disconnected; at most {Max} bytes are taken at once")]
    private partial void LogRefusedPacket(string client, string reason, int max);
}
