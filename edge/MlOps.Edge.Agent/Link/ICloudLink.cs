namespace MlOps.Edge.Agent.Link;

/// <summary>The agent's way to the cloud. Safe for several callers at once.</summary>
internal interface ICloudLink
{
    /// <summary>Counts connections; it grows with each, so that a sender sees that it must begin again. 0: none yet.</summary>
    int Connection { get; }

    bool IsUp { get; }

    /// <summary>Raised when the link came up or went down.</summary>
    Pulse Changed { get; }

    /// <summary>Raised for every message that comes down. The handler returns quickly: it runs on the link's reader.</summary>
    event Action<string, ReadOnlyMemory<byte>>? Received;

    /// <summary>Returns once the broker has taken the message (QoS 1).</summary>
    /// <param name="properties">MQTT 5 user properties.</param>
    /// <exception cref="MessageTooLargeException">The broker takes nothing as large; it was not sent.</exception>
    /// <exception cref="CloudLinkException">The broker is out of reach or refused it.</exception>
    Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, IReadOnlyList<UserProperty> properties, CancellationToken cancellationToken);

    /// <summary>Asks for a topic (QoS 1); forgotten with the connection.</summary>
    /// <exception cref="CloudLinkException">The broker is out of reach or refused it.</exception>
    Task SubscribeAsync(string topic, CancellationToken cancellationToken);

    /// <exception cref="CloudLinkException">The broker is out of reach.</exception>
    Task UnsubscribeAsync(string topic, CancellationToken cancellationToken);
}

/// <summary>Something said of one publication, beside its payload.</summary>
internal readonly record struct UserProperty(string Name, string Value);

internal class CloudLinkException(string message, Exception? cause = null) : Exception(message, cause);

internal sealed class MessageTooLargeException(long bytes, long most) : CloudLinkException($"it has {bytes} bytes, and the broker takes at most {most}");
