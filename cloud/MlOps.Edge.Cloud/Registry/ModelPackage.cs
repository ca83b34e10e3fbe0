using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>A version as devices fetch it: the parts of its ONNX file, and the manifest that names them. Same inputs, same bytes.</summary>
/// <param name="Chunks">Those that are not in the store yet, in order, each of at most <see cref="ModelManifest.DefaultChunkSize"/> bytes.</param>
/// <param name="ManifestJson">Properties in the order of their declaration, maps ordered by key.</param>
internal sealed record ModelPackage(Sha256Digest Onnx, IReadOnlyList<ReadOnlyMemory<byte>> Chunks, byte[] ManifestJson)
{
    public Sha256Digest Manifest => Sha256Digest.Of(ManifestJson);

    /// <exception cref="InvalidModelException">The draft does not fit the definition; the message says where.</exception>
    public static ModelPackage Of(ModelDefinition definition, VersionDraft draft, int version, byte[] onnx)
    {
        var signature = Read(draft.SignatureJson, RegistryJson.Default.GraphSignature, "graph signature");
        var golden = Read(draft.GoldenJson, RegistryJson.Default.GoldenVectorArray, "golden vectors");
        Check(definition, signature, golden);
        var chunks = Split(onnx);
        var manifest = new ModelManifest
        {
            Model = definition.Name,
            Version = version,
            Counter = version,
            Digest = Sha256Digest.Of(onnx),
            Size = onnx.Length,
            Chunks = [.. chunks.Select(c => Sha256Digest.Of(c.Span))],
            MachineKind = definition.MachineKind,
            Channels = definition.Channels,
            Window = definition.Window,
            Stride = definition.Stride,
            SampleInterval = definition.SampleInterval,
            Opset = signature.Opset,
            Input = signature.Input,
            Outputs = signature.Outputs,
            RulCap = definition.RulCap,
            Golden = [.. golden.Select(g => g with { Outputs = Ordered(g.Outputs) })],
            GoldenTolerance = draft.GoldenTolerance,
            Budget = new(draft.LatencyBudgetMs, draft.MemoryBudgetBytes),
            SketchSpec = draft.SketchSpec is null ? null : Sha256Digest.Parse(draft.SketchSpec),
            Lineage = new(Sha256Digest.Parse(draft.Snapshot), draft.Run, draft.Trainer, draft.Parent),
            Metrics = Ordered(draft.Metrics),
        };
        return new(manifest.Digest, chunks, JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest));
    }

    /// <summary>The same file under the next version and counter: all else, lineage and golden answers included, stays as it was signed. Its chunks are in the store.</summary>
    public static ModelPackage Reissue(byte[] manifestJson, int version)
    {
        var manifest = JsonSerializer.Deserialize(manifestJson, ContractsJson.Default.ModelManifest)! with { Version = version, Counter = version };
        return new(manifest.Digest, [], JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest));
    }

    private static List<ReadOnlyMemory<byte>> Split(byte[] onnx)
    {
        var chunks = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < onnx.Length; at += ModelManifest.DefaultChunkSize)
        {
            chunks.Add(onnx.AsMemory(at, Math.Min(ModelManifest.DefaultChunkSize, onnx.Length - at)));
        }

        return chunks;
    }

    private static T Read<T>(string json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidModelException($"The draft's {what} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"The draft's {what} is not readable: {e.Message}");
        }
    }

    // A device would refuse such a version; better that it is never signed.
    private static void Check(ModelDefinition definition, GraphSignature signature, GoldenVector[] golden)
    {
        if (signature.Input.Shape is not [-1, var window, var channels] || window != definition.Window || channels != definition.Channels.Count)
        {
            throw new InvalidModelException(
                $"The graph takes [{string.Join(", ", signature.Input.Shape)}], and the model's window is [-1, {definition.Window}, {definition.Channels.Count}].");
        }

        if (golden.Length == 0)
        {
            throw new InvalidModelException("The draft has no golden vector: no device could prove it.");
        }

        var bytes = definition.Window * definition.Channels.Count * sizeof(float);
        var buffer = new byte[bytes + 1];
        if (Array.FindIndex(golden, g => !Convert.TryFromBase64String(g.Window, buffer, out var written) || written != bytes) is >= 0 and var wrong)
        {
            throw new InvalidModelException($"Golden vector {wrong} is not a window of {definition.Window} × {definition.Channels.Count} float32 in base64.");
        }

        var names = signature.Outputs.Select(o => o.Name).ToHashSet();
        if (Array.FindIndex(golden, g => !names.SetEquals(g.Outputs.Keys)) is >= 0 and var other)
        {
            throw new InvalidModelException($"Golden vector {other} answers {string.Join(", ", golden[other].Outputs.Keys)}, and the graph gives {string.Join(", ", names)}.");
        }
    }

    private static SortedDictionary<string, T> Ordered<T>(IReadOnlyDictionary<string, T> map) => new(map.ToDictionary(), StringComparer.Ordinal);
}
