using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Api.Registry;

/// <summary>What a definition must be to make sense, checked before it is written once and for all.</summary>
internal static class DefinitionRules
{
    private const int LongestName = 64;

    /// <summary>The first field against its rule, in plain words; null: none.</summary>
    public static (string Field, string Rule)? FirstBroken(ModelDefinition model) => model switch
    {
        _ when !ModelName.TryParse(model.MachineKind, null, out _) => ("machineKind", $"'{model.MachineKind}' is not a kind of machine (lower-case letters, digits, '-' and '_', at most 64, beginning with a letter or digit)"),
        _ when Channels(model.Channels) is { } broken => broken,
        { Window: < 1 } => ("window", "at least 1 frame"),
        { Stride: < 1 } => ("stride", "at least 1 frame"),
        _ when model.SampleInterval <= TimeSpan.Zero => ("sampleInterval", "more than zero"),
        _ when !(double.IsFinite(model.RulCap) && model.RulCap > 0) => ("rulCap", "more than zero"),
        _ when !(model.Coverage is > 0 and < 1) => ("coverage", "between 0 and 1, e.g. 0.9"),
        _ => null,
    };

    private static (string Field, string Rule)? Channels(IReadOnlyList<ChannelSpec> channels)
    {
        if (channels.Count == 0)
        {
            return ("channels", "at least one");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < channels.Count; i++)
        {
            var broken = channels[i] switch
            {
                null => ($"channels[{i}]", "a channel has a name and a unit"),
                { Name: var name } when !IsName(name) => ($"channels[{i}].name", $"'{name}' is not a channel's name (1 to {LongestName} characters, no control characters, no blanks at either end)"),
                { Name: var name } when !names.Add(name) => ($"channels[{i}].name", $"'{name}' is there twice"),
                { Unit: var unit } when string.IsNullOrWhiteSpace(unit) => ($"channels[{i}].unit", "a UCUM code, e.g. mm/s; 1 where there is none"),
                _ => ((string, string)?)null,
            };
            if (broken is not null)
            {
                return broken;
            }
        }

        return null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && name.Trim() == name && !name.Any(char.IsControl);
}
