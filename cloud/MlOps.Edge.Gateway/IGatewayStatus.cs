namespace MlOps.Edge.Gateway;

/// <summary>Whether devices can be heard and told.</summary>
public interface IGatewayStatus
{
    /// <summary>Whether the gateway is connected to the broker, and listens.</summary>
    bool IsReady { get; }

    /// <summary>Host and port.</summary>
    string Broker { get; }
}
