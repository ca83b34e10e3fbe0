using Google.Protobuf;

namespace MlOps.Edge.Contracts.Telemetry;

/// <summary>A batch names a schema that it does not carry and that nobody here knows.</summary>
public sealed class SchemaMissingException(ByteString id) : Exception($"The schema {Convert.ToHexStringLower(id.Span)} is not known.")
{
    /// <summary>See <see cref="SchemaId"/>.</summary>
    public ByteString Id { get; } = id;
}
