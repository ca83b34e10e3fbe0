using System.Text.Json;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Api.Registry;

/// <summary>A line of the list of models.</summary>
/// <param name="Versions">How many.</param>
/// <param name="Aliases">Version by alias: champion, challenger.</param>
internal sealed record ModelSummary(string Name, string MachineKind, int Versions, IReadOnlyDictionary<string, int> Aliases)
{
    public static ModelSummary From(ModelView model) =>
        new(model.Name, ModelResponse.ReadDefinition(model).MachineKind, model.Versions.Length, ModelResponse.Sorted(model.Aliases));
}

/// <summary>A model with its definition as it was written.</summary>
/// <param name="Versions">Oldest first.</param>
/// <param name="Aliases">Version by alias: champion, challenger.</param>
internal sealed record ModelResponse(string Name, ModelDefinition Definition, IReadOnlyDictionary<string, int> Aliases, ModelVersionView[] Versions)
{
    public static ModelResponse From(ModelView model) => new(model.Name, ReadDefinition(model), Sorted(model.Aliases), model.Versions);

    public static ModelDefinition ReadDefinition(ModelView model) =>
        JsonSerializer.Deserialize(model.DefinitionJson, ContractsJson.Default.ModelDefinition)
        ?? throw new InvalidOperationException($"The definition of model '{model.Name}' is empty.");

    public static SortedDictionary<string, int> Sorted(Dictionary<string, int> aliases) => new(aliases, StringComparer.Ordinal);
}
