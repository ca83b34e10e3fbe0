using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>One connection to the embedded broker, and who is at the other end of it.</summary>
internal sealed class AcceptedConnection : IDuplexPipe
{
    // A CONNECT names a client, says who it is and leaves a will: nobody unknown needs more.
    private const int BeforeConnected = 64 * 1024;
    private const byte Connect = 0x10;

    private readonly int _most;
    private volatile string? _clientId;

    /// <param name="most">Bytes that a packet of a connected client may have.</param>
    /// <param name="refused">Told who sent what may not come, and why. Null: a stranger.</param>
    public AcceptedConnection(ConnectionContext connection, int most, Func<string?, string, Task> refused)
    {
        _most = most;
        Input = new LimitedInput(connection.Transport.Input, WhyNot, reason => refused(_clientId, reason));
        Output = connection.Transport.Output;
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public void Connected(string clientId) => _clientId = clientId;

    private string? WhyNot(PacketStart packet) => packet.Length switch
    {
        _ when _clientId is null && packet.First != Connect => "bytes that are no MQTT",
        null => "bytes that are no MQTT",
        { } length when length > (_clientId is null ? BeforeConnected : _most) => $"{length} bytes at once",
        _ => null,
    };
}
