namespace MlOps.Edge.Gateway;

/// <summary>What to listen for.</summary>
public static class MonitoringNames
{
    /// <summary>The gateway's meter and its activity source.</summary>
    public const string Gateway = "MlOps.Edge.Gateway";
}
