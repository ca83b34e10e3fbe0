using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Benchmarks.Grains;

/// <summary>There is no broker: nothing is assigned to these devices, so nothing is to be said to them.</summary>
internal sealed class SilentDownlink : IDeviceDownlink
{
    public Task PublishDesiredAsync(DeviceId device, long epoch, Assignment assignment, CancellationToken cancellationToken) => throw new NotSupportedException("nothing is assigned here");

    public Task PublishBlobsAsync(IReadOnlyCollection<Sha256Digest> blobs, bool again, CancellationToken cancellationToken) => throw new NotSupportedException("nothing is assigned here");
}
