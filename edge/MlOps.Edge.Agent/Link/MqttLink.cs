using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Link;

/// <summary>A connection that comes back by itself, with exponential backoff and jitter.</summary>
internal sealed partial class MqttLink(AgentIdentity identity, LinkOptions options, Jitter jitter, TimeProvider clock, ILogger<MqttLink> logger) : ICloudLink, IAgentLoop
{
    private readonly Pulse _network = new();
    private volatile MqttConnection? _current;
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

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, IReadOnlyList<UserProperty> properties, CancellationToken cancellationToken) =>
        Current.PublishAsync(topic, payload, retain, properties, cancellationToken);

    public Task SubscribeAsync(string topic, CancellationToken cancellationToken) => Current.SubscribeAsync([topic], cancellationToken);

    public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) => Current.UnsubscribeAsync(topic, cancellationToken);

    private MqttConnection Current => _current ?? throw new CloudLinkException("the broker is out of reach");

    private async Task HoldAsync(Action connected, CancellationToken cancellationToken)
    {
        var network = _network.Next;
        using var connection = await MqttConnection.OpenAsync(
            identity, options, Status(online: false), (topic, payload) => Received?.Invoke(topic, payload), clock, cancellationToken);
        try
        {
            string[] retained = [Topics.Desired(identity.Device), Topics.ModelSigningKey];
            await connection.SubscribeAsync([Topics.Acknowledgement(identity.Device), .. retained], cancellationToken);

            // Once more, for what is retained: MQTTnet's broker looks for it before the subscription stands, so that a message published
            // in between would reach this device neither way. From here on what is published comes by itself.
            await connection.SubscribeAsync(retained, cancellationToken);
            await connection.PublishAsync(Topics.Status(identity.Device), Status(online: true), retain: true, [], cancellationToken);
            _current = connection;
            Interlocked.Increment(ref _connection);
            _isUp = true;
            connected();
            LogOnline(options.Host, options.Port);
            Changed.Raise();
            while (_networkUp && !connection.Lost.IsCompleted)
            {
                await Task.WhenAny(connection.Lost, network).WaitAsync(cancellationToken);
                network = _network.Next;
            }

            if (_networkUp)
            {
                throw new CloudLinkException(await connection.Lost);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SayGoodbyeAsync(connection);
            throw;
        }
        finally
        {
            _current = null;
            _isUp = false;
            Changed.Raise();
        }
    }

    private async Task SayGoodbyeAsync(MqttConnection connection)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            await connection.PublishAsync(Topics.Status(identity.Device), Status(online: false), retain: true, [], limit.Token);
            await connection.LeaveAsync(limit.Token);
        }
        catch (Exception e) when (e is CloudLinkException or OperationCanceledException)
        {
            LogNoGoodbye(e.Message); // the will says it for us
        }
    }

    private byte[] Status(bool online) => JsonSerializer.SerializeToUtf8Bytes(new StatusDocument(online, identity.Session), ContractsJson.Default.StatusDocument);

    [LoggerMessage(LogLevel.Warning, "The broker {Host}:{Port} is out of reach ({Reason}); readings wait in the outbox")]
    private partial void LogOffline(string host, int port, string reason);

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Host}:{Port}")]
    private partial void LogOnline(string host, int port);

    [LoggerMessage(LogLevel.Debug, "No goodbye to the broker: {Reason}")]
    private partial void LogNoGoodbye(string reason);
}
