using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Link;

/// <summary>Hands on what the cloud acknowledges.</summary>
internal sealed partial class AcknowledgementInbox(AgentIdentity identity, OutboxPump pump, Reporter reporter, ILogger<AcknowledgementInbox> logger) : IInbox
{
    private readonly string _topic = Topics.Acknowledgement(identity.Device);

    public bool TryReceive(string topic, ReadOnlyMemory<byte> payload)
    {
        if (topic != _topic)
        {
            return false;
        }

        try
        {
            var document = JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.AcknowledgementDocument);
            foreach (var stream in document?.Streams ?? [])
            {
                pump.Receive(stream);
            }

            if (document?.Wants is { Count: > 0 } wants)
            {
                pump.Receive(wants);
            }

            if (document?.Reported is { } reported)
            {
                reporter.Receive(reported);
            }
        }
        catch (JsonException e)
        {
            LogUnreadable(e.Message);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "An acknowledgement is not readable: {Reason}")]
    private partial void LogUnreadable(string reason);
}
