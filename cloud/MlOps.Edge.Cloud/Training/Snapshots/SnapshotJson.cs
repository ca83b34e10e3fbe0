using System.Text.Json.Serialization;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Cloud.Training.Snapshots;

/// <summary>Canonical by construction: properties in the order of their declaration, lists ordered by who fills them, times in UTC.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(DigestConverter), typeof(KebabEnumConverter<UnitEnd>), typeof(KebabEnumConverter<UnitSide>)])]
[JsonSerializable(typeof(DatasetSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
