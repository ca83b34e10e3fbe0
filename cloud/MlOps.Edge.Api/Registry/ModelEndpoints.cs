using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Events;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Api.Registry;

internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/models").WithTags("Models");

        models.MapGet("/", List).WithName("ListModels").WithSummary("Models by name");
        models.MapGet("/{name}", Get).WithName("GetModel").WithSummary("A model's definition, versions and aliases")
            .ProducesProblem(StatusCodes.Status404NotFound);
        models.MapPut("/{name}", Put).WithName("DefineModel").WithSummary("Define a model once; the same definition again changes nothing")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        models.MapGet("/{name}/versions/{version}", GetVersion).WithName("GetModelVersion").WithSummary("One version: artifacts, lineage and metrics")
            .ProducesProblem(StatusCodes.Status404NotFound);
        models.MapPost("/{name}/versions/{version}/reissue", Reissue).WithName("ReissueModelVersion").WithSummary("Sign an older version's file again, as the newest version")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        models.MapGet("/{name}/history", History).WithName("GetModelHistory").WithSummary("What happened to a model, in the order in which it was recorded")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<ModelSummary[]>> List(IGrainFactory grains)
    {
        var names = await grains.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default).ListAsync();
        var models = await Task.WhenAll(names.Select(name => grains.GetGrain<IModelGrain>(name).GetAsync()));
        return TypedResults.Ok(models.OfType<ModelView>().Select(ModelSummary.From).ToArray());
    }

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> Get(ModelName name, IGrainFactory grains) =>
        await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is { } model ? TypedResults.Ok(ModelResponse.From(model)) : Missing(name);

    private static async Task<Results<Ok<ModelResponse>, Created<ModelResponse>, ProblemHttpResult>> Put(ModelName name, ModelDefinition definition, IGrainFactory grains)
    {
        if (definition.Name != name.ToString())
        {
            return Problem.Invalid("name", $"the body says '{definition.Name}', the path says '{name}'");
        }

        if (DefinitionRules.FirstBroken(definition) is var (field, rule))
        {
            return Problem.Invalid(field, rule);
        }

        var grain = grains.GetGrain<IModelGrain>(name.ToString());
        var known = await grain.GetAsync() is not null;
        try
        {
            // Written again in the contract's form, so that white space and the order of fields make no other definition.
            await grain.DefineAsync(JsonSerializer.Serialize(definition, ContractsJson.Default.ModelDefinition));
        }
        catch (ModelConflictException e)
        {
            return Problem.Conflict(e.Message);
        }

        var model = await grain.GetAsync() ?? throw new InvalidOperationException($"Model '{name}' is not there after it was defined.");
        var response = ModelResponse.From(model);
        return known ? TypedResults.Ok(response) : TypedResults.Created($"{MlOpsApi.Root}/models/{name}", response);
    }

    private static async Task<Results<Ok<ModelVersionView>, ProblemHttpResult>> GetVersion(ModelName name, int version, IGrainFactory grains)
    {
        if (await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is not { } model)
        {
            return Missing(name);
        }

        return model.Versions.SingleOrDefault(v => v.Version == version) is { } found
            ? TypedResults.Ok(found)
            : Missing(model, version);
    }

    private static async Task<Results<Ok<ModelVersionView>, Created<ModelVersionView>, ProblemHttpResult>> Reissue(ModelName name, int version, ReissueVersion order, IGrainFactory grains, TimeProvider time)
    {
        if (order.FirstBroken() is var (field, rule))
        {
            return Problem.Invalid(field, rule);
        }

        var grain = grains.GetGrain<IModelGrain>(name.ToString());
        if (await grain.GetAsync() is not { } model)
        {
            return Missing(name);
        }

        if (model.Versions.All(v => v.Version != version))
        {
            return Missing(model, version);
        }

        var made = await grain.ReissueAsync(version, $"{order.By}: {order.Reason}", time.GetUtcNow());
        return made.Version == model.Versions[^1].Version
            ? TypedResults.Ok(made)
            : TypedResults.Created($"{MlOpsApi.Root}/models/{name}/versions/{made.Version}", made);
    }

    private static async Task<Results<Ok<LogPage>, ProblemHttpResult>> History(
        ModelName name, IGrainFactory grains, IEventLog log, CancellationToken cancellationToken, long after = 0, int limit = LogEndpoints.DefaultLimit)
    {
        if (await grains.GetGrain<IModelGrain>(name.ToString()).GetAsync() is null)
        {
            return Missing(name);
        }

        return await LogEndpoints.ReadPageAsync(log, after, $"model/{name}", limit, cancellationToken);
    }

    public static ProblemHttpResult Missing(ModelName name) => Problem.NotFound($"There is no model '{name}'.", "models");

    public static ProblemHttpResult Missing(ModelView model, int version) => Problem.NotFound(
        $"Model '{model.Name}' has no version {version}; {(model.Versions is [.., var newest] ? $"its newest is {newest.Version}" : "it has none yet")}.", $"models/{model.Name}");
}
