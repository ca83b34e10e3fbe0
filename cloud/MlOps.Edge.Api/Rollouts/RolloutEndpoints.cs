using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Api.Registry;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Rollouts;

internal static class RolloutEndpoints
{
    public static void MapRollouts(this IEndpointRouteBuilder routes)
    {
        var rollouts = routes.MapGroup("/rollouts").WithTags("Rollouts");

        rollouts.MapGet("/", List).WithName("ListRollouts").WithSummary("Rollouts, oldest first, optionally of one model")
            .ProducesProblem(StatusCodes.Status404NotFound);
        rollouts.MapPost("/", Start).WithName("StartRollout").WithSummary("Roll a version out in waves")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        rollouts.MapGet("/{id}", Get).WithName("GetRollout").WithSummary("A rollout with its waves, their gates and evidence")
            .ProducesProblem(StatusCodes.Status404NotFound);

        MapCommand(rollouts, "pause", "Give no further device the new version until it is resumed", (rollout, order) => rollout.PauseAsync(order.By, order.Reason));
        MapCommand(rollouts, "resume", "Go on after a pause", (rollout, order) => rollout.ResumeAsync(order.By, order.Reason));
        MapCommand(rollouts, "abort", "Stop, and give every device that was touched its previous version back", (rollout, order) => rollout.AbortAsync(order.By, order.Reason));
    }

    private static async Task<Results<Ok<RolloutView[]>, ProblemHttpResult>> List(IGrainFactory grains, ModelName? model = null)
    {
        if (model is { } name && await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null)
        {
            return ModelEndpoints.Missing(name);
        }

        var ids = await grains.GetGrain<IRolloutCatalogGrain>(IRolloutCatalogGrain.Default).ListAsync(model?.ToString());
        var rollouts = await Task.WhenAll(ids.Select(id => grains.GetGrain<IRolloutGrain>(id).GetAsync()));
        return TypedResults.Ok(rollouts.OfType<RolloutView>().ToArray());
    }

    private static async Task<Results<Ok<RolloutView>, ProblemHttpResult>> Get(ResourceId id, IGrainFactory grains) =>
        await grains.GetGrain<IRolloutGrain>(id.ToString()).GetAsync() is { } rollout ? TypedResults.Ok(rollout) : Missing(id);

    private static async Task<Results<Created<RolloutView>, ProblemHttpResult>> Start(StartRollout order, IGrainFactory grains, TimeProvider time)
    {
        if (order.FirstBroken() is var (field, rule))
        {
            return Problem.Invalid(field, rule);
        }

        var name = ModelName.Parse(order.Model);
        if (await grains.GetGrain<IModelGrain>(order.Model).GetAsync() is not { } model)
        {
            return ModelEndpoints.Missing(name);
        }

        if (model.Versions.All(v => v.Version != order.Version))
        {
            return ModelEndpoints.Missing(model, order.Version);
        }

        // Waves are timed by the fleet's data, so a rollout starts where the data stand; before any data, now.
        var watermark = (await grains.GetGrain<IDriftGrain>(order.Model).GetAsync()).Watermark;
        var id = string.Create(CultureInfo.InvariantCulture, $"{order.Model}-v{order.Version}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        try
        {
            var rollout = await grains.GetGrain<IRolloutGrain>(id).StartAsync(order.ToPlan(watermark ?? time.GetUtcNow()));
            return TypedResults.Created($"{MlOpsApi.Root}/rollouts/{id}", rollout);
        }
        catch (InvalidRolloutException e)
        {
            return Problem.Unprocessable(e.Message);
        }
    }

    private static void MapCommand(RouteGroupBuilder rollouts, string verb, string summary, Func<IRolloutGrain, RolloutCommand, Task<RolloutView>> act) =>
        rollouts.MapPost($"/{{id}}/{verb}", async Task<Results<Ok<RolloutView>, ProblemHttpResult>> (ResourceId id, RolloutCommand order, IGrainFactory grains) =>
            {
                if (order.FirstBroken() is var (field, rule))
                {
                    return Problem.Invalid(field, rule);
                }

                var rollout = grains.GetGrain<IRolloutGrain>(id.ToString());
                if (await rollout.GetAsync() is null)
                {
                    return Missing(id);
                }

                try
                {
                    return TypedResults.Ok(await act(rollout, order));
                }
                catch (InvalidRolloutException e)
                {
                    return Problem.Conflict(e.Message);
                }
            })
            .WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Rollout").WithSummary(summary)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static ProblemHttpResult Missing(ResourceId id) => Problem.NotFound($"There is no rollout '{id}'.", "rollouts");
}
