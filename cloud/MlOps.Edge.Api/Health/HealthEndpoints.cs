using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Api.Health;

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/healthz", Get).WithTags("Health").WithName("GetHealth").WithSummary("Whether the cloud answers: the silo is up and its store can be read");

    private static async Task<Ok<HealthResponse>> Get(IGrainFactory grains)
    {
        await grains.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default).ListAsync();
        return TypedResults.Ok(new HealthResponse("ok"));
    }
}

internal sealed record HealthResponse(string Status);
