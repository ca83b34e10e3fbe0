using System.Text.Json;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Registry;

/// <summary>A small pump model and drafts of its versions.</summary>
internal static class Drafts
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static ModelDefinition Definition(string name) => new()
    {
        Name = name,
        MachineKind = "centrifugal-pump",
        Channels = [new("flow", "m3/h"), new("vibration_rms", "mm/s")],
        Window = 3,
        SampleInterval = TimeSpan.FromMinutes(10),
        RulCap = 125,
    };

    public static async Task<VersionDraft> PutAsync(IArtifactStore artifacts, string run, ModelDefinition? definition = null)
    {
        var (frames, channels) = definition is null ? (3, 2) : (definition.Window, definition.Channels.Count);
        var onnx = new byte[300_000];
        new Random(7).NextBytes(onnx);
        var window = Convert.ToBase64String(new byte[frames * channels * sizeof(float)]);
        GoldenVector[] golden = [new(window, new Dictionary<string, IReadOnlyList<float>> { ["rul"] = [124.5f], ["rul_upper"] = [125f], ["rul_lower"] = [90f] })];
        TensorSpec Output(string name) => new(name, "float32", [-1, 1]);
        return new()
        {
            Run = run,
            Onnx = await PutAsync(artifacts, onnx),
            Snapshot = await PutAsync(artifacts, "a snapshot"u8.ToArray()),
            SketchSpec = await PutAsync(artifacts, "bin edges"u8.ToArray()),
            Reference = await PutAsync(artifacts, "a reference"u8.ToArray()),
            Trainer = "lightgbm 4.7.0",
            GoldenJson = JsonSerializer.Serialize(golden, RegistryJson.Default.GoldenVectorArray),
            GoldenTolerance = 1e-3,
            LatencyBudgetMs = 5,
            MemoryBudgetBytes = 64 << 20,
            Metrics = new() { ["judged_rmse"] = 13.5, ["judged_coverage"] = 0.91 },
            At = Noon,
            SignatureJson = JsonSerializer.Serialize(
                new GraphSignature(17, new("window", "float32", [-1, frames, channels]), [Output("rul"), Output("rul_lower"), Output("rul_upper")]), RegistryJson.Default.GraphSignature),
        };
    }

    private static async Task<string> PutAsync(IArtifactStore artifacts, byte[] content) =>
        (await artifacts.PutAsync(content, TestContext.Current.CancellationToken)).ToString();
}
