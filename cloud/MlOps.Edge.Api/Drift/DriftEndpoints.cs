using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Registry;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Drift;

internal static class DriftEndpoints
{
    public static void MapDrift(this IEndpointRouteBuilder routes)
    {
        var model = routes.MapGroup("/models/{name}").WithTags("Drift");

        model.MapGet("/drift", Get).WithName("GetDrift").WithSummary("The verdict, its evidence per channel, and the field error of each version")
            .ProducesProblem(StatusCodes.Status404NotFound);
        model.MapGet("/units", Units).WithName("GetUnitScores").WithSummary("Finished units with the error of each version that predicted them, oldest first")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<DriftStatus>, ProblemHttpResult>> Get(ModelName name, IGrainFactory grains) =>
        await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null
            ? ModelEndpoints.Missing(name)
            : TypedResults.Ok(await grains.GetGrain<IDriftGrain>(name.ToString()).GetAsync());

    private static async Task<Results<Ok<UnitScoreView[]>, ProblemHttpResult>> Units(ModelName name, IGrainFactory grains) =>
        await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null
            ? ModelEndpoints.Missing(name)
            : TypedResults.Ok(await grains.GetGrain<IDriftGrain>(name.ToString()).GetUnitScoresAsync());
}
