using System.Globalization;
using MlOps.Edge.Cloud.Training.Evaluation;
using MlOps.Edge.Cloud.Training.Features;
using MlOps.Edge.Cloud.Training.GoldenVectors;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Windows;

namespace MlOps.Edge.Cloud.Training;

/// <summary>
/// One training run from units to a judged model: prepare, train, calibrate, evaluate, validate. Pure but for the clock that
/// measures latency; it keeps its thread busy for seconds, so it runs beside the grains, never in a grain's turn.
/// </summary>
internal sealed class TrainingPipeline(TrainingOptions options, TimeProvider time)
{
    /// <exception cref="TrainingException">The units do not suffice, or the finished file breaks a limit.</exception>
    public TrainingResult Run(TrainingRequest request, IProgress<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        void Report(TrainingPhase phase, FormattableString detail) => progress.Report(new(phase, detail.ToString(CultureInfo.InvariantCulture)));

        UnitSplit split = request.KnownUnits.With(request.Units, request.Seed, options.Split);
        WindowSet train = Windows(request, split, UnitSide.Train), judge = Windows(request, split, UnitSide.Judge);
        Report(TrainingPhase.Prepare, $"{train.Units.Count} units with {train.Rows.Count} windows teach, {judge.Units.Count} with {judge.Rows.Count} judge");
        Require(train, judge);
        Normalisation normalisation = Normalisation.Fit(request.Definition, train.Units);

        Report(TrainingPhase.Train, $"{request.Trainer.Name} {request.Trainer.Version} on {normalisation.Channels.Count} channels in {normalisation.Regimes.Count} operating regimes");
        using CrossFit fit = CrossFit.Train(train, normalisation, split, request.Trainer, options, request.Seed, cancellationToken);

        Report(TrainingPhase.Calibrate, $"{request.Definition.Coverage:P0} interval from {fit.Residuals.Count} windows that their models had not seen");
        ConformalBand band = ConformalCalibration.Fit(fit.Residuals, request.Definition.RulCap, request.Definition.Coverage);
        byte[] onnx = new RulModel(request.Definition, normalisation, fit.Trees, band).ToOnnx();

        ModelEvaluation evaluation = ModelJudge.Judge(onnx, judge, split, cancellationToken);
        ModelEvaluation? champion = request.Champion is { } file ? ModelJudge.Judge(file, judge, split, cancellationToken) : null;
        GateDecision decision = Gate.Decide(evaluation, champion, request.Definition.RulCap, options.Gate);
        Report(TrainingPhase.Evaluate, $"error {evaluation.Overall.Rmse:F2}, coverage {evaluation.Overall.Coverage:P1}, width {evaluation.Overall.MeanWidth:F1}: {(decision.Blessed ? "blessed" : "not blessed")}");

        ArtifactChecks checks = ArtifactValidation.Validate(
            onnx, judge, fit.Predict(judge, cancellationToken), band, options.Limits, time, cancellationToken);
        Report(TrainingPhase.Validate, $"parity {checks.Parity:G2} intervals, {checks.Bytes / 1024} KiB, within its limit of time");

        IReadOnlyList<Contracts.Models.GoldenVector> golden = GoldenWindows.Of(onnx, judge, cancellationToken);
        Report(TrainingPhase.Done, $"{golden.Count} golden vectors");
        return new()
        {
            Onnx = onnx,
            Evaluation = evaluation,
            UnseenErrors = UnseenErrors(train, fit.Residuals),
            ChampionEvaluation = champion,
            Decision = decision,
            Golden = golden,
            GoldenTolerance = GoldenWindows.Tolerance,
            Split = split,
            Rows = train.Rows.Count,
            Trainer = request.Trainer.Name,
            TrainerVersion = request.Trainer.Version,
            Hyperparameters = options.Boosting,
            Seed = request.Seed,
            Checks = checks,
        };
    }

    private static double[] UnseenErrors(WindowSet train, IReadOnlyList<Residual> residuals) =>
    [
        .. residuals.Where(residual => train.Units[residual.Unit].End == UnitEnd.Failed)
            .GroupBy(residual => residual.Unit)
            .Select(unit => Math.Sqrt(unit.Average(residual => residual.Error * residual.Error)))
            .Order(),
    ];

    private WindowSet Windows(TrainingRequest request, UnitSplit split, UnitSide side) => WindowSet.Of(
        request.Definition,
        request.Units.Where(unit => split[unit.Unit].Side == side && (side == UnitSide.Train || unit.End == UnitEnd.Failed)),
        side == UnitSide.Train ? options.LateStarts : 0);

    private void Require(WindowSet train, WindowSet judge)
    {
        int failed = train.Units.Count(unit => unit.End == UnitEnd.Failed);
        if (failed < 2 * options.Split.Folds || judge.Units.Count == 0)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} failed units to learn from and {judge.Units.Count} to judge by are too few: at least {2 * options.Split.Folds} and 1 are needed"));
        }
    }
}
