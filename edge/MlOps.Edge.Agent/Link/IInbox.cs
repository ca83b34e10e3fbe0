namespace MlOps.Edge.Agent.Link;

/// <summary>Takes what comes down on some topics. Called on the link's reader: it returns at once.</summary>
internal interface IInbox
{
    /// <returns>Whether the topic is its own.</returns>
    bool TryReceive(string topic, ReadOnlyMemory<byte> payload);
}

/// <summary>Work that goes on from start to stop.</summary>
internal interface IAgentLoop
{
    /// <summary>Ends when cancelled; any other end is a fault of the agent.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
