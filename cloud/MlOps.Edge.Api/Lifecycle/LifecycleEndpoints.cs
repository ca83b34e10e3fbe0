using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Api.Registry;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Lifecycle;

internal static class LifecycleEndpoints
{
    public static void MapLifecycle(this IEndpointRouteBuilder routes)
    {
        var lifecycle = routes.MapGroup("/models/{name}/lifecycle").WithTags("Lifecycle");

        lifecycle.MapGet("/", Get).WithName("GetLifecycle").WithSummary("Where a model stands in its loop, and why")
            .ProducesProblem(StatusCodes.Status404NotFound);
        lifecycle.MapPost("/", Begin).WithName("BeginLifecycle").WithSummary("Take a model into the loop: its first version is trained from what is labelled; again changes nothing")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Results<Ok<LifecycleView>, ProblemHttpResult>> Get(ModelName name, IGrainFactory grains) =>
        await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null
            ? ModelEndpoints.Missing(name)
            : TypedResults.Ok(await grains.GetGrain<ILifecycleGrain>(name.ToString()).GetAsync());

    private static async Task<Results<Accepted<LifecycleView>, ProblemHttpResult>> Begin(ModelName name, BeginLifecycle order, IGrainFactory grains)
    {
        if (order.TrainingTime < TimeSpan.Zero)
        {
            return Problem.Invalid("trainingTime", "zero or more");
        }

        if (order.Cohort < 0)
        {
            return Problem.Invalid("cohort", "zero (the configured default) or more");
        }

        if (await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null)
        {
            return ModelEndpoints.Missing(name);
        }

        var lifecycle = grains.GetGrain<ILifecycleGrain>(name.ToString());
        await lifecycle.BeginAsync(new(order.Seed, order.TrainingTime, order.Trainer, order.Cohort));
        return TypedResults.Accepted($"{MlOpsApi.Root}/models/{name}/lifecycle", await lifecycle.GetAsync());
    }
}

/// <summary>How the loop of a model is to be run.</summary>
internal sealed record BeginLifecycle
{
    /// <summary>Seeds every training run of this model. Default: 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Device time that a training run is declared to take. Default: zero, which is as soon as it is done.</summary>
    public TimeSpan TrainingTime { get; init; }

    /// <summary>A trainer's name. Default: the configured one.</summary>
    public string? Trainer { get; init; }

    /// <summary>Failures since the verdict that a retraining waits for. Default: 0, the configured number.</summary>
    public int Cohort { get; init; }
}
