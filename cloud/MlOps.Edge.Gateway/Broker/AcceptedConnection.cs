using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>One connection to the embedded broker, and who is at the other end of it.</summary>
internal sealed class AcceptedConnection : IDuplexPipe
{
    // A CONNECT names a client, says who it is and leaves a will: nobody unknown needs more.
    private const int BeforeConnected = 64 * 1024;

    private volatile string? _clientId;

    /// <param name="most">Bytes that a packet of a connected client may have.</param>
    /// <param name="tooLarge">Told who sent more, and how much.</param>
    public AcceptedConnection(ConnectionContext connection, int most, Func<string, long, Task> tooLarge)
    {
        Input = new LimitedInput(
            connection.Transport.Input, () => _clientId is null ? BeforeConnected : most, bytes => _clientId is { } client ? tooLarge(client, bytes) : Task.CompletedTask);
        Output = connection.Transport.Output;
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public void Connected(string clientId) => _clientId = clientId;
}
