namespace MlOps.Edge.Agent.Link;

/// <summary>All that goes up and comes down: the loops that send, and the inboxes that messages are handed to.</summary>
internal sealed class CloudTraffic(MqttLink link, Reporter reporter, IEnumerable<IInbox> inboxes, IEnumerable<IAgentLoop> loops)
{
    private readonly IInbox[] _inboxes = [.. inboxes];

    public MqttLink Link => link;

    public Reporter Reporter => reporter;

    /// <summary>Runs every loop until cancelled, or until one of them fails: then all end and the failure comes out.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        link.Received += HandOut;
        try
        {
            var running = loops.Select(loop => Task.Run(() => loop.RunAsync(end.Token), CancellationToken.None)).ToArray();
            await Task.WhenAny(running);
            await end.CancelAsync();
            await Task.WhenAll(running);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The rule's end.
        }
        finally
        {
            link.Received -= HandOut;
        }
    }

    private void HandOut(string topic, ReadOnlyMemory<byte> payload)
    {
        foreach (var inbox in _inboxes)
        {
            if (inbox.TryReceive(topic, payload))
            {
                return;
            }
        }
    }
}
