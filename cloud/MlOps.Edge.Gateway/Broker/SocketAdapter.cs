using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MQTTnet.Adapter;
using MQTTnet.AspNetCore;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// The broker's connections on Kestrel's sockets: many packets come with one read and leave with one write, which MQTTnet's own listener does
/// with two reads and a write each.
/// </summary>
/// <param name="mostPacketBytes">Bytes that a packet of a client may have; one that has more ends its connection.</param>
/// <param name="refused">Told who sent what may not come, and why, before the connection ends. Null: somebody who has not said who it is.</param>
internal sealed partial class SocketAdapter(IPEndPoint endPoint, int mostPacketBytes, Func<string?, string, Task> refused, TimeProvider clock, ILoggerFactory loggers) : IMqttServerAdapter
{
    // Who does not read what it is sent is cut off after that.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    // What comes while nobody reads.
    private const int MostUnreadBytes = 128 * 1024;

    private readonly ILogger _logger = loggers.CreateLogger<SocketAdapter>();
    private readonly MqttConnectionHandler _handler = new();
    private readonly ConcurrentDictionary<EndPoint, AcceptedConnection> _connections = new();
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    public Func<IMqttChannelAdapter, Task> ClientHandler
    {
        get => _handler.ClientHandler;
        set => _handler.ClientHandler = value;
    }

    /// <exception cref="IOException">The address is in use.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody can listen there.</exception>
    public async Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        await _handler.StartAsync(options, logger);
        _listener = await new SocketTransportFactory(Options.Create(new SocketTransportOptions { MaxReadBufferSize = MostUnreadBytes }), loggers).BindAsync(endPoint, CancellationToken.None);
        _accepting = AcceptAsync(_listener);
    }

    public async Task StopAsync()
    {
        if (_listener is not null)
        {
            await _listener.UnbindAsync(CancellationToken.None);
            await _accepting;
            await _listener.DisposeAsync();
            _listener = null;
        }

        await _handler.StopAsync();
    }

    /// <summary>Says who is at the other end of a connection.</summary>
    public void Connected(EndPoint remote, string clientId)
    {
        if (_connections.TryGetValue(remote, out var connection))
        {
            connection.Connected(clientId);
        }
    }

    public void Dispose() => _handler.Dispose();

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (await listener.AcceptAsync(CancellationToken.None) is { } connection)
        {
            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var accepted = new AcceptedConnection(connection, mostPacketBytes, refused);
        connection.Transport = accepted;
        if (connection.RemoteEndPoint is { } remote)
        {
            _connections[remote] = accepted;
        }

        try
        {
            await _handler.OnConnectedAsync(connection);
        }
#pragma warning disable CA1031 // Whatever ends one connection must not reach the others, nor the one who accepts them.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroken(e, connection.ConnectionId);
        }

        await CloseAsync(connection);
        if (connection.RemoteEndPoint is { } gone)
        {
            _connections.TryRemove(new(gone, accepted));
        }
    }

    private async Task CloseAsync(ConnectionContext connection)
    {
        var closing = connection.DisposeAsync().AsTask();
        try
        {
            await closing.WaitAsync(Farewell, clock);
        }
        catch (TimeoutException)
        {
            connection.Abort();
            await closing;
        }
    }

    [LoggerMessage(LogLevel.Debug, "Connection {Connection} ended")]
    private partial void LogBroken(Exception error, string connection);
}
