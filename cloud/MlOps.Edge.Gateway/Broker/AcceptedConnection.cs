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
    private readonly LimitedInput _input;
    private readonly GatheredOutput _output;
    private volatile string? _clientId;

    /// <param name="most">Bytes that a packet of a connected client may have.</param>
    /// <param name="refused">Told who sent what may not come, and why. Null: a stranger.</param>
    public AcceptedConnection(ConnectionContext connection, int most, Func<string?, string, Task> refused)
    {
        _most = most;
        _input = new(connection.Transport.Input, WhyNot, reason => refused(_clientId, reason), FlushAsync);
        _output = new(connection.Transport.Output, () => _input.HasMore);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public void Connected(string clientId) => _clientId = clientId;

    private string? WhyNot(PacketStart packet) => packet.Length switch
    {
        _ when _clientId is null && packet.First != Connect => "bytes that are no MQTT",
        null => "bytes that are no MQTT",
        { } length when length > (_clientId is null ? BeforeConnected : _most) => $"{length} bytes at once",
        _ => null,
    };

    private async ValueTask FlushAsync(CancellationToken cancellationToken) => await _output.FlushRestAsync(cancellationToken);
}
