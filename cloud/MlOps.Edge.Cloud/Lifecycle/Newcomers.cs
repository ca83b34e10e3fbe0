using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>Devices that joined when no rollout was under way: they get the champion of their kind of machine.</summary>
internal static class Newcomers
{
    /// <summary>Who has been told nothing at all, in order of group and id. A device that was told anything is a rollout's business.</summary>
    public static IReadOnlyList<string> Among(IEnumerable<DeviceSummary> fleet) =>
        [.. fleet.Where(d => d.Desired is null or { Active: null, Shadow: null })
            .OrderBy(d => d.Group, StringComparer.Ordinal).ThenBy(d => d.Id, StringComparer.Ordinal).Select(d => d.Id)];

    public static Assignment Welcome(AssignedModel champion) => new(champion, null, null);
}
