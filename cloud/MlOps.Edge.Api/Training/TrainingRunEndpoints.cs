using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Api.Training;

internal static class TrainingRunEndpoints
{
    public static void MapTrainingRuns(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/training-runs").WithTags("Training").MapGet("/{id}", Get).WithName("GetTrainingRun")
            .WithSummary("A training run: its snapshot, units, metrics, gate and reason").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<TrainingRunResponse>, ProblemHttpResult>> Get(ResourceId id, IGrainFactory grains)
    {
        try
        {
            return TypedResults.Ok(TrainingRunResponse.From(await grains.GetGrain<ITrainingRunGrain>(id.ToString()).GetAsync()));
        }
        catch (TrainingRunNotFoundException)
        {
            return Problem.NotFound($"There is no training run '{id}'. A model's lifecycle lists its runs.", "models/{name}/lifecycle");
        }
    }
}

/// <summary>A run without the draft that goes on to the registry: golden vectors are for devices, not for readers.</summary>
internal sealed record TrainingRunResponse
{
    public required string Run { get; init; }
    public required TrainingOrder Order { get; init; }
    public required TrainingRunState State { get; init; }
    public string? Step { get; init; }
    public string? Error { get; init; }
    public string? Snapshot { get; init; }
    public string? Trainer { get; init; }
    public required long Rows { get; init; }
    public required string[] TrainUnits { get; init; }
    public required string[] CalibrateUnits { get; init; }
    public required string[] JudgeUnits { get; init; }
    public required SortedDictionary<string, double> Metrics { get; init; }

    /// <summary>Passed the gate.</summary>
    public required bool Blessed { get; init; }

    /// <summary>Why it was blessed or not, in plain words.</summary>
    public required string Reason { get; init; }
    public required GateRow[] Gate { get; init; }

    /// <summary>Digest of the ONNX file.</summary>
    public string? Onnx { get; init; }

    public static TrainingRunResponse From(TrainingRunView run) => new()
    {
        Run = run.Run,
        Order = run.Order,
        State = run.State,
        Step = run.Step,
        Error = run.Error,
        Snapshot = run.Snapshot,
        Trainer = run.Trainer,
        Rows = run.Rows,
        TrainUnits = run.TrainUnits,
        CalibrateUnits = run.CalibrateUnits,
        JudgeUnits = run.JudgeUnits,
        Metrics = new(run.Metrics, StringComparer.Ordinal),
        Blessed = run.Blessed,
        Reason = run.Reason,
        Gate = run.Gate,
        Onnx = run.Onnx,
    };
}
