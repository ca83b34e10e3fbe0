using System.Security.Cryptography;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What is kept of a batch's SHA-256: enough to tell it from any other.</summary>
internal static class KeyHash
{
    public const int Bytes = 16;

    public static byte[] Of(byte[] payload) => SHA256.HashData(payload)[..Bytes];

    /// <summary>Nothing but zeros stands where the payload is as it came, and speaks for itself: most are never asked.</summary>
    public static bool IsNone(ReadOnlySpan<byte> hash) => hash.IndexOfAnyExcept((byte)0) < 0;
}
