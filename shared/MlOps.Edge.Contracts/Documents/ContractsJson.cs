using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Contracts.Documents;

/// <summary>
/// JSON of everything that crosses the wire as JSON: camelCase, enums as kebab-case words, unknown fields ignored, nulls left out.
/// A field that the contract needs is there and not null, or the document is refused with the field's name.
/// </summary>
/// <remarks>
/// An optional member has a setter and not an init accessor: generated readers assign every init-only member, and one that is not in the
/// document would lose its initial value.
/// </remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    Converters = [typeof(DigestConverter), typeof(KebabEnumConverter<DeploymentState>), typeof(KebabEnumConverter<SlotRole>), typeof(KebabEnumConverter<ChannelRole>)])]
[JsonSerializable(typeof(DesiredDocument))]
[JsonSerializable(typeof(ReportedDocument))]
[JsonSerializable(typeof(AcknowledgementDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(ModelDefinition))]
[JsonSerializable(typeof(SignatureBundle))]
[JsonSerializable(typeof(SignedStatement))]
public sealed partial class ContractsJson : JsonSerializerContext;

/// <summary>A digest as its hexadecimal text.</summary>
public sealed class DigestConverter : JsonConverter<Sha256Digest>
{
    public override Sha256Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sha256Digest.TryParse(reader.GetString(), null, out var digest) ? digest : throw new JsonException("A SHA-256 is 64 lower-case hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, Sha256Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>An enum as a word: <c>RolledBack</c> is <c>rolled-back</c>.</summary>
public sealed class KebabEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
