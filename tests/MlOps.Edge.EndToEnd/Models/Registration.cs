using System.Text.Json;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>Brings a model into a cloud's registry, the way a training run does.</summary>
internal static class Registration
{
    /// <summary>Bytes stand in for the dataset snapshot that lineage names.</summary>
    private static readonly byte[] Snapshot = "units that an end-to-end test has lived"u8.ToArray();

    /// <param name="run">Another run makes another version.</param>
    public static async Task<ModelVersionView> RegisterAsync(HostedCloud cloud, TestModel model, string run = "end-to-end-1")
    {
        var grain = cloud.Grain<IModelGrain>(model.Definition.Name);
        await grain.DefineAsync(JsonSerializer.Serialize(model.Definition, ContractsJson.Default.ModelDefinition));
        return await grain.RegisterAsync(await DraftAsync(cloud, model) with { Run = run });
    }

    /// <summary>Puts the artifacts away and draws up a version.</summary>
    public static async Task<VersionDraft> DraftAsync(HostedCloud cloud, TestModel model)
    {
        var artifacts = cloud.Get<IArtifactStore>();
        return new()
        {
            Run = "end-to-end-1",
            Onnx = (await artifacts.PutAsync(model.Onnx, TestContext.Current.CancellationToken)).ToString(),
            Snapshot = (await artifacts.PutAsync(Snapshot, TestContext.Current.CancellationToken)).ToString(),
            Trainer = "end-to-end",
            GoldenJson = JsonSerializer.Serialize([.. model.Golden], RegistryJson.Default.GoldenVectorArray),
            GoldenTolerance = 0.05,
            LatencyBudgetMs = 1_000, // many processes share the machine: a test's latency says nothing of a model
            MemoryBudgetBytes = 1L << 30,
            Metrics = new() { ["judged_rmse"] = 1 },
            At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            SignatureJson = JsonSerializer.Serialize(
                new GraphSignature(OnnxGraph.Opset, new("window", "float32", [-1, model.Definition.Window, model.Definition.Channels.Count]), model.Outputs), RegistryJson.Default.GraphSignature),
        };
    }
}

/// <summary>A graph and what must be said of it.</summary>
internal sealed record TestModel(ModelDefinition Definition, byte[] Onnx, IReadOnlyList<TensorSpec> Outputs, IReadOnlyList<GoldenVector> Golden);
