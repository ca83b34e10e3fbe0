using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>Which blobs a device needs for what it is assigned.</summary>
internal interface IModelBlobs
{
    /// <summary>Every blob of the assigned versions, each once; those that the registry does not know are left out.</summary>
    Task<IReadOnlyCollection<Sha256Digest>> OfAsync(Assignment assignment);
}

internal sealed class RegistryModelBlobs(IGrainFactory grains) : IModelBlobs
{
    public async Task<IReadOnlyCollection<Sha256Digest>> OfAsync(Assignment assignment)
    {
        HashSet<Sha256Digest> blobs = [];
        foreach (var assigned in new[] { assignment.Active, assignment.Shadow }.OfType<AssignedModel>())
        {
            var model = await grains.GetGrain<IModelGrain>(assigned.Model).GetAsync();
            var version = model?.Versions.FirstOrDefault(v => v.Version == assigned.Version);
            blobs.UnionWith((version?.Blobs ?? []).Select(blob => Sha256Digest.Parse(blob)));
        }

        return blobs;
    }
}
