namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What is kept of a batch's SHA-256: enough to tell it from any other.</summary>
internal static class KeyHash
{
    public const int Bytes = 16;
}
