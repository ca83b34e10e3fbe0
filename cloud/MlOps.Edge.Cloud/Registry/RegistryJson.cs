using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>JSON of what a training run hands to the registry beside the graph itself.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict, Converters = [typeof(DigestConverter)])]
[JsonSerializable(typeof(GoldenVector[]))]
[JsonSerializable(typeof(GraphSignature))]
internal sealed partial class RegistryJson : JsonSerializerContext;

/// <summary>What a graph takes and gives.</summary>
/// <param name="Opset">Of the default ONNX domain.</param>
internal sealed record GraphSignature(int Opset, TensorSpec Input, IReadOnlyList<TensorSpec> Outputs);
