using System.Text.Json;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>Reads model definitions as people write them, and writes them canonically.</summary>
internal static class ModelDefinitions
{
    /// <exception cref="InvalidModelException">The text is not a definition of <paramref name="name"/>; the message names the first fault.</exception>
    public static ModelDefinition Read(string name, string json)
    {
        ModelDefinition definition;
        try
        {
            definition = JsonSerializer.Deserialize(json, ContractsJson.Default.ModelDefinition)
                ?? throw new InvalidModelException($"The definition of model '{name}' is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidModelException($"The definition of model '{name}' is not readable: {e.Message}");
        }

        return Fault(name, definition) is { } fault ? throw new InvalidModelException($"The definition of model '{name}' is not usable: {fault}.") : definition;
    }

    /// <summary>The same definition is always the same text.</summary>
    public static string Canonical(ModelDefinition definition) => JsonSerializer.Serialize(definition, ContractsJson.Default.ModelDefinition);

    public static Sha256Digest Digest(ModelDefinition definition) =>
        Sha256Digest.Of(JsonSerializer.SerializeToUtf8Bytes(definition, ContractsJson.Default.ModelDefinition));

    private static string? Fault(string name, ModelDefinition definition) => definition switch
    {
        { Name: var other } when other != name => $"it names the model '{other}'",
        _ when !ModelName.TryParse(name, null, out _) => "a model's name is lower-case letters, digits, '-' and '_', at most 64",
        { MachineKind: null or "" } => "machineKind is empty",
        { Channels: null or { Count: 0 } } => "it has no channels",
        { Channels: var channels } when channels.Any(c => string.IsNullOrEmpty(c.Name) || string.IsNullOrEmpty(c.Unit)) => "a channel lacks its name or its unit ('1' where there is none)",
        { Channels: var channels } when channels.GroupBy(c => c.Name).FirstOrDefault(g => g.Count() > 1) is { } twice => $"channel '{twice.Key}' is there twice",
        { Window: < 1 } => $"window is {definition.Window}, not at least 1 frame",
        { Stride: < 1 } => $"stride is {definition.Stride}, not at least 1 frame",
        { SampleInterval: var interval } when interval <= TimeSpan.Zero => "sampleInterval is not above zero",
        { RulCap: var cap } when !double.IsFinite(cap) || cap <= 0 => "rulCap is not above zero",
        { Coverage: not (> 0 and < 1) } => "coverage is not between 0 and 1",
        _ => null,
    };
}
