using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Registry;

[GenerateSerializer, Alias("mlops.model-state")]
internal sealed record ModelState
{
    /// <summary>Canonical, so that two writings of one definition are the same text; null: not defined yet.</summary>
    [Id(0)] public string? DefinitionJson { get; init; }

    /// <summary>Version n is at n - 1.</summary>
    [Id(1)] public ModelVersionView[] Versions { get; init; } = [];
    [Id(2)] public Dictionary<string, int> Aliases { get; init; } = [];

    /// <summary>Numbers the moves of aliases, for the ids of their events.</summary>
    [Id(3)] public int AliasMoves { get; init; }

    [Id(4)] public UntoldEvent[] Untold { get; init; } = [];
}
