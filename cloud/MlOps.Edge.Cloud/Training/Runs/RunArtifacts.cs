using System.Text.Json;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Puts away what a run made, and draws up what the registry needs if it is blessed.</summary>
internal sealed class RunArtifacts(IArtifactStore store, IOptions<DeviceBudgetOptions> budget)
{
    public async Task<byte[]> OnnxAsync(ModelVersionView version, CancellationToken cancellationToken) =>
        await store.GetAsync(Sha256Digest.Parse(version.Onnx), cancellationToken)
        ?? throw new TrainingException($"the ONNX file of {version.Model} version {version.Version} ({version.Onnx}) is not in the artifact store");

    public async Task<TrainingRunView> KeepAsync(FinishedRun run, CancellationToken cancellationToken)
    {
        var result = run.Result;
        var onnx = (await store.PutAsync(result.Onnx, cancellationToken)).ToString();
        var metrics = Metrics(result);
        return new()
        {
            Run = run.Run,
            Order = run.Order,
            State = TrainingRunState.Succeeded,
            Snapshot = run.Snapshot.Digest.ToString(),
            Trainer = Trainer(result),
            Rows = result.Rows,
            TrainUnits = run.Snapshot.On(UnitSide.Train),
            CalibrateUnits = run.Snapshot.On(UnitSide.Train),
            JudgeUnits = run.Snapshot.On(UnitSide.Judge),
            Metrics = metrics,
            Blessed = result.Decision.Blessed,
            Reason = result.Decision.Reason,
            Gate = [.. result.Decision.Checks.Select(check => Row(check, result.Evaluation))],
            Onnx = onnx,
            Draft = result.Decision.Blessed ? await DraftAsync(run, onnx, metrics, cancellationToken) : null,
        };
    }

    private async Task<VersionDraft> DraftAsync(FinishedRun run, string onnx, Dictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        var (definition, result) = (run.Definition, run.Result);
        var signature = new GraphSignature(
            OnnxGraph.Opset,
            new("window", "float32", [-1, definition.Window, definition.Channels.Count]),
            [.. RulModel.Outputs.Select(name => new TensorSpec(name, "float32", [-1, 1]))]);
        return new()
        {
            Run = run.Run,
            Onnx = onnx,
            Snapshot = run.Snapshot.Digest.ToString(),
            Trainer = Trainer(result),
            Parent = run.Order.Champion,
            SketchSpec = run.Reference is null ? null : (await store.PutAsync(run.Reference.Spec.ToBytes(), cancellationToken)).ToString(),
            Reference = run.Reference is null ? null : (await store.PutAsync(run.Reference.ToBytes(), cancellationToken)).ToString(),
            GoldenJson = JsonSerializer.Serialize([.. result.Golden], RegistryJson.Default.GoldenVectorArray),
            GoldenTolerance = result.GoldenTolerance,
            LatencyBudgetMs = budget.Value.LatencyMs,
            MemoryBudgetBytes = budget.Value.MemoryBytes,
            Metrics = metrics,
            At = run.Order.Watermark,
            SignatureJson = JsonSerializer.Serialize(signature, RegistryJson.Default.GraphSignature),
            JudgedErrors = [.. result.Evaluation.Units.Select(u => u.Metrics.Rmse).Concat(result.UnseenErrors).Order()],
        };
    }

    private static string Trainer(TrainingResult result) => $"{result.Trainer} {result.TrainerVersion}";

    // Latency is left out: it is the machine's and not the seed's, and a manifest repeats with the seed.
    private static Dictionary<string, double> Metrics(TrainingResult result)
    {
        var judged = result.Evaluation.Overall;
        var metrics = new Dictionary<string, double>
        {
            ["judged_rmse"] = judged.Rmse,
            ["judged_unit_rmse"] = judged.UnitRmse,
            ["judged_coverage"] = judged.Coverage,
            ["judged_width"] = judged.MeanWidth,
            ["judged_nasa_score"] = judged.NasaScore,
            ["judged_units"] = judged.Units,
            ["judged_windows"] = judged.Windows,
            ["graph_parity"] = result.Checks.Parity,
        };
        if (result.ChampionEvaluation is { } champion)
        {
            metrics["champion_rmse"] = champion.Overall.Rmse;
            metrics["champion_unit_rmse"] = champion.Overall.UnitRmse;
        }

        return metrics;
    }

    private static GateRow Row(GateCheck check, ModelEvaluation judged) => new(
        check.Slice, check.Figure, check.Challenger, check.Champion, (judged[check.Slice] ?? judged.Overall).Units, check.Finding, check.Passed);
}

/// <summary>All that a run has made.</summary>
/// <param name="Reference">Null where there were too few units for one.</param>
internal sealed record FinishedRun(
    string Run, TrainingOrder Order, ModelDefinition Definition, RunSnapshot Snapshot, TrainingResult Result, ReferenceSketch? Reference);
