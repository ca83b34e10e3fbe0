using MlOps.Edge.Cloud.Grains;

namespace MlOps.Edge.Cloud.Registry;

internal sealed class ModelCatalogGrain([PersistentState("model-catalog")] IPersistentState<ModelCatalogState> stored) : Grain, IModelCatalogGrain
{
    public Task AddAsync(string model) => stored.State.Models.Contains(model)
        ? Task.CompletedTask
        : stored.CommitAsync(new() { Models = [.. stored.State.Models.Append(model).Order(StringComparer.Ordinal)] });

    public Task<string[]> ListAsync() => Task.FromResult(stored.State.Models);
}

[GenerateSerializer, Alias("mlops.model-catalog-state")]
internal sealed record ModelCatalogState
{
    [Id(0)] public string[] Models { get; init; } = [];
}
