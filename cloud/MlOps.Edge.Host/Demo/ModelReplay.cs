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

    // A truth on the very edge of an interval may fall on its other side.
    private const double CoverageTolerance = 0.002;

    private static readonly string[] Outputs = ["rul", "rul_lower", "rul_upper"];

    private readonly ModelDefinition _definition = builder.Definition;
    private readonly Dictionary<(UnitRef Unit, int Version), SortedDictionary<long, FieldPrediction>> _again = [];

    public async Task<IReadOnlyList<VerificationCheck>> CheckAsync(CancellationToken cancellationToken)
    {
        var checks = new List<VerificationCheck>();
        var versions = new HashSet<int>();
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
                checks.Add(await FieldAsync(version, scorer, cancellationToken));
                versions.Add(version);
            }
        }

        return [.. checks, .. Figures(versions)];
    }

    private async Task<VerificationCheck> JudgedAsync(string run, TrainingResultTale result, OnnxScorer scorer, CancellationToken cancellationToken)
    {
        double squared = 0;
        long windows = 0;
        foreach (var unit in result.Judge.Select(u => UnitRef.Parse(u)))
        {
            var history = await ReadAsync(unit, cancellationToken);
            var last = history.FirstFrame + history.Frames - 1;
            foreach (var (frame, said) in Predict(history, scorer))
            {
                var error = Math.Min(said.Rul, _definition.RulCap) - Math.Min(last - frame, _definition.RulCap);
                squared += error * error;
                windows++;
            }
        }

        var rmse = Math.Sqrt(squared / windows);
        return new($"judged RMSE of {run}, run again over {result.Judge.Count} held-out units", Math.Abs(rmse - result.JudgedRmse) <= ErrorTolerance, Text($"{rmse:F3} against {result.JudgedRmse:F3} cycles, {windows} windows"));
    }

    private async Task<VerificationCheck> FieldAsync(int version, OnnxScorer scorer, CancellationToken cancellationToken)
    {
        double rul = 0, lower = 0, upper = 0;
        long compared = 0, missing = 0;
        foreach (var unit in builder.Field.Units.Where(u => u.PredictionsOf(version).Count > 0))
        {
            var all = Predict(await ReadAsync(unit.Id, cancellationToken), scorer).ToDictionary(p => p.Frame, p => p.Said);
            var again = new SortedDictionary<long, FieldPrediction>();
            foreach (var (frame, said) in unit.PredictionsOf(version))
            {
                if (!all.TryGetValue(frame, out var now))
                {
                    missing++;
                    continue;
                }

                again.Add(frame, now);
                rul = Math.Max(rul, Math.Abs(said.Rul - now.Rul));
                lower = Math.Max(lower, Math.Abs(said.Lower - now.Lower));
                upper = Math.Max(upper, Math.Abs(said.Upper - now.Upper));
                compared++;
            }

            _again.Add((unit.Id, version), again);
        }

        return new(
            $"what devices predicted with v{version}, and its interval, run again",
            missing == 0 && rul <= PredictionTolerance && lower <= PredictionTolerance && upper <= PredictionTolerance,
            Text($"{compared} predictions, largest difference {rul:G2}, of the limits {lower:G2} and {upper:G2}{(missing == 0 ? "" : Text($"; {missing} have no window in the store"))}"));
    }

    // The report's figures once more, from what the models say now in place of what devices said then.
    private IEnumerable<VerificationCheck> Figures(HashSet<int> versions)
    {
        var scores = builder.ScoresOf((unit, version) => _again.TryGetValue((unit.Id, version), out var again) ? again : new SortedDictionary<long, FieldPrediction>());
        if (versions.Contains(1) && report.FieldRmse.V1Before is { } before)
        {
            var units = scores.BeforeChange(1);
            var width = report.Models.First(m => m.Version == 1).FieldIntervalWidth;
            yield return Same("field RMSE of v1 before the change", units, UnitErrors.Rmse, before, ErrorTolerance, "cycles");
            yield return Same("coverage of v1 before the change", units, UnitErrors.Coverage, report.FieldCoverage90.V1Before, CoverageTolerance, "of the truths");
            yield return Same("width of v1's interval before the change", units, UnitErrors.MeanWidth, width, ErrorTolerance, "cycles");
        }

        var score = report.Units.Score.ToHashSet();
        List<FieldUnit> scored = [.. builder.Field.Units.Where(u => score.Contains(u.Id.ToString()))];
        (int Version, double? Rmse, double? Coverage)[] after =
        [
            (1, report.FieldRmse.V1AfterChange, report.FieldCoverage90.V1AfterChange),
            (2, report.FieldRmse.V2AfterChange, report.FieldCoverage90.V2AfterChange),
        ];
        foreach (var (version, rmse, coverage) in after.Where(a => scored.Count > 0 && versions.Contains(a.Version)))
        {
            var units = scores.Shared(scored, version);
            yield return Same($"field RMSE of v{version} after the change", units, UnitErrors.Rmse, rmse, ErrorTolerance, "cycles");
            yield return Same($"coverage of v{version} after the change", units, UnitErrors.Coverage, coverage, CoverageTolerance, "of the truths");
        }
    }

    private static VerificationCheck Same(string what, IReadOnlyCollection<UnitError> units, Func<IReadOnlyCollection<UnitError>, double?> figure, double? said, double tolerance, string of)
    {
        var again = figure(units);
        return new($"{what}, run again over {units.Count} units", Math.Abs(again - said ?? double.NaN) <= tolerance, Text($"{again:F3} against {said:F3} {of}"));
    }

    private async Task<UnitHistory> ReadAsync(UnitRef unit, CancellationToken cancellationToken) =>
        (await histories.ReadAsync(unit, [.. _definition.Channels.Select(c => c.Name)], DataCut.Everything, cancellationToken))?.History
        ?? throw new UserErrorException($"The store has no frames of {unit}.");

    private IEnumerable<(long Frame, FieldPrediction Said)> Predict(UnitHistory history, OnnxScorer scorer)
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
                var said = scorer.Score([.. windows], ages.Count, frames, channels, Outputs);
                var (rul, lower, upper) = (said[0], said[1], said[2]);
                for (var k = 0; k < ages.Count; k++)
                {
                    yield return (ages[k], new(rul[k], lower[k], upper[k], Active: false));
                }

                windows.Clear();
                ages.Clear();
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
