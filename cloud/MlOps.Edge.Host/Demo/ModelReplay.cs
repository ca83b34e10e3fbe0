using System.Globalization;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Demo;

/// <summary>Runs the registered models again over the frames in the store: what devices said, and how they were judged, must come out.</summary>
internal sealed class ModelReplay(ReportBuilder builder, ReportDocument report, UnitHistories histories, IArtifactStore artifacts)
{
    private const double PredictionTolerance = 1e-3;
    private const double ErrorTolerance = 0.01;

    private readonly ModelDefinition _definition = builder.Definition;

    public async Task<IReadOnlyList<VerificationCheck>> CheckAsync(CancellationToken cancellationToken)
    {
        var checks = new List<VerificationCheck>();
        foreach (var tale in builder.Chronicle.Trainings.Where(t => t.Result is not null))
        {
            var result = tale.Result!;
            var onnx = await artifacts.GetAsync(Sha256Digest.Parse(result.Onnx), cancellationToken);
            if (onnx is null || !Sha256Digest.Parse(result.Onnx).Matches(onnx))
            {
                checks.Add(new($"the ONNX file of {tale.Run} is in the store under its digest", false, onnx is null ? "it is missing" : "its bytes have another digest"));
                continue;
            }

            using var scorer = new OnnxScorer(onnx);
            checks.Add(await JudgedAsync(tale.Run, result, scorer, cancellationToken));
            if (result.Version is { } version)
            {
                checks.AddRange(await FieldAsync(version, scorer, cancellationToken));
            }
        }

        return checks;
    }

    private async Task<VerificationCheck> JudgedAsync(string run, TrainingResultTale result, OnnxScorer scorer, CancellationToken cancellationToken)
    {
        double squared = 0;
        long windows = 0;
        foreach (var unit in result.Judge.Select(u => UnitRef.Parse(u)))
        {
            var history = await ReadAsync(unit, cancellationToken);
            var last = history.FirstFrame + history.Frames - 1;
            foreach (var (frame, rul) in Predict(history, scorer))
            {
                var error = Math.Min(rul, _definition.RulCap) - Math.Min(last - frame, _definition.RulCap);
                squared += error * error;
                windows++;
            }
        }

        var rmse = Math.Sqrt(squared / windows);
        return new($"judged RMSE of {run}, run again over {result.Judge.Count} held-out units", Math.Abs(rmse - result.JudgedRmse) <= ErrorTolerance, Text($"{rmse:F3} against {result.JudgedRmse:F3} cycles, {windows} windows"));
    }

    private async Task<IReadOnlyList<VerificationCheck>> FieldAsync(int version, OnnxScorer scorer, CancellationToken cancellationToken)
    {
        double worst = 0;
        long compared = 0;
        var errors = new List<UnitError>();
        foreach (var unit in builder.Field.Units.Where(u => u.PredictionsOf(version).Count > 0))
        {
            var again = Predict(await ReadAsync(unit.Id, cancellationToken), scorer).ToDictionary(p => p.Frame, p => p.Rul);
            foreach (var (frame, said) in unit.PredictionsOf(version))
            {
                worst = Math.Max(worst, Math.Abs(said.Rul - again[frame]));
                compared++;
            }

            if (report.Units.Score.Contains(unit.Id.ToString()))
            {
                errors.Add(UnitError.Of(unit, FieldScores.SharedWindows(unit).Select(f => (f, new FieldPrediction(again[f], 0, 0, Active: true))), _definition.RulCap)!);
            }
        }

        var checks = new List<VerificationCheck> { new($"what devices predicted with v{version}, run again", worst <= PredictionTolerance, Text($"{compared} predictions, largest difference {worst:G2}")) };
        var said1 = version == 1 ? report.FieldRmse.V1AfterChange : report.FieldRmse.V2AfterChange;
        if (errors.Count > 0 && version <= 2)
        {
            var rmse = UnitErrors.Rmse(errors);
            checks.Add(new($"field RMSE of v{version} after the change, run again over {errors.Count} units", rmse is not null && said1 is not null && Math.Abs(rmse.Value - said1.Value) <= ErrorTolerance, Text($"{rmse:F3} against {said1:F3} cycles")));
        }

        return checks;
    }

    private async Task<UnitHistory> ReadAsync(UnitRef unit, CancellationToken cancellationToken) =>
        (await histories.ReadAsync(unit, [.. _definition.Channels.Select(c => c.Name)], DataCut.Everything, cancellationToken))?.History
        ?? throw new UserErrorException($"The store has no frames of {unit}.");

    private IEnumerable<(long Frame, float Rul)> Predict(UnitHistory history, OnnxScorer scorer)
    {
        const int batch = 256;
        var (frames, channels) = (_definition.Window, _definition.Channels.Count);
        var ring = new FrameWindow(frames, channels);
        var windows = new List<float>(batch * frames * channels);
        var ages = new List<long>();
        var window = new float[frames * channels];
        for (var i = 0; i < history.Frames; i++)
        {
            ring.Push(history.Row(i));
            if ((history.FirstFrame + i) % _definition.Stride == 0)
            {
                ring.CopyTo(window);
                windows.AddRange(window);
                ages.Add(history.FirstFrame + i);
            }

            if (ages.Count == batch || (i == history.Frames - 1 && ages.Count > 0))
            {
                var rul = scorer.Score([.. windows], ages.Count, frames, channels, ["rul"])[0];
                for (var k = 0; k < ages.Count; k++)
                {
                    yield return (ages[k], rul[k]);
                }

                windows.Clear();
                ages.Clear();
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
