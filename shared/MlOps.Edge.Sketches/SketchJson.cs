using System.Text.Json.Serialization;

namespace MlOps.Edge.Sketches;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(SketchSpec))]
internal sealed partial class SketchJson : JsonSerializerContext;
