using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace MlOps.Edge.Contracts.Telemetry;

/// <summary>The name of a schema: the first 16 bytes of the SHA-256 over each channel's name, a zero byte, its unit and a line feed, in UTF-8.</summary>
public static class SchemaId
{
    public const int Bytes = 16;

    public static ByteString Of(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var channel in schema.Channels)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{channel.Name}\0{channel.Unit}\n"));
        }

        return ByteString.CopyFrom(hash.GetHashAndReset().AsSpan(0, Bytes));
    }
}
