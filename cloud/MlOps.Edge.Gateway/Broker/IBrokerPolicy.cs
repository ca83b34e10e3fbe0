namespace MlOps.Edge.Gateway.Broker;

/// <summary>Who may do what on the embedded broker.</summary>
public interface IBrokerPolicy
{
    bool MayConnect(BrokerClient client, string? password);

    bool MayPublish(BrokerClient client, string topic);

    bool MaySubscribe(BrokerClient client, string filter);
}

/// <summary>Whoever is at the other end of a connection.</summary>
public sealed record BrokerClient(string ClientId, string? UserName);
