using MlOps.Edge.Cloud.Grains;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>Lists rollouts and lets one at a time hold a model.</summary>
internal sealed class RolloutCatalogGrain([PersistentState("rollout-catalog")] IPersistentState<RolloutCatalog> stored) : Grain, IRolloutCatalogGrain
{
    private RolloutCatalog State => stored.State;

    public async Task<string> ClaimAsync(string rollout, string model)
    {
        if (State.Held.FirstOrDefault(h => h.Model == model) is { } held)
        {
            return held.Rollout;
        }

        var listing = new RolloutListing(rollout, model);
        await stored.CommitAsync(State with
        {
            All = State.All.Contains(listing) ? State.All : [.. State.All, listing],
            Held = [.. State.Held.Append(listing).OrderBy(h => h.Model, StringComparer.Ordinal)],
        });
        return rollout;
    }

    public async Task ReleaseAsync(string rollout)
    {
        if (State.Held.Any(h => h.Rollout == rollout))
        {
            await stored.CommitAsync(State with { Held = [.. State.Held.Where(h => h.Rollout != rollout)] });
        }
    }

    public Task<string[]> RunningAsync() => Task.FromResult<string[]>([.. State.Held.Select(h => h.Rollout)]);

    public Task<string[]> ListAsync(string? model) =>
        Task.FromResult<string[]>([.. State.All.Where(l => model is null || l.Model == model).Select(l => l.Rollout)]);
}

[GenerateSerializer, Alias("mlops.rollout-catalog-state")]
internal sealed record RolloutCatalog
{
    /// <summary>Oldest first.</summary>
    [Id(0)] public RolloutListing[] All { get; init; } = [];

    /// <summary>At most one per model, ordered by model.</summary>
    [Id(1)] public RolloutListing[] Held { get; init; } = [];
}

[GenerateSerializer, Alias("mlops.rollout-listing")]
internal sealed record RolloutListing([property: Id(0)] string Rollout, [property: Id(1)] string Model);
