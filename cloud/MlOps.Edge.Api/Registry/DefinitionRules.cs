using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Api.Registry;

/// <summary>What a definition must be to make sense, checked before it is written once and for all.</summary>
internal static class DefinitionRules
{
    /// <summary>The first rule that is broken, in plain words; null: none.</summary>
    public static string? FirstBroken(ModelDefinition model)
    {
        var repeated = model.Channels.GroupBy(c => c.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
        return model switch
        {
            _ when !ModelName.TryParse(model.MachineKind, null, out _) => "machineKind: lower-case letters, digits, '-' and '_', at most 64",
            { Channels.Count: 0 } => "channels: at least one",
            _ when model.Channels.Any(c => string.IsNullOrWhiteSpace(c.Name) || string.IsNullOrWhiteSpace(c.Unit)) => "channels: each has a name and a unit (UCUM; 1 where there is none)",
            _ when repeated is not null => $"channels: '{repeated}' is there twice",
            { Window: < 1 } => "window: at least 1 frame",
            { Stride: < 1 } => "stride: at least 1 frame",
            _ when model.SampleInterval <= TimeSpan.Zero => "sampleInterval: more than zero",
            _ when !(model.RulCap > 0) => "rulCap: more than zero",
            _ when !(model.Coverage is > 0 and < 1) => "coverage: between 0 and 1, e.g. 0.9",
            _ => null,
        };
    }
}
