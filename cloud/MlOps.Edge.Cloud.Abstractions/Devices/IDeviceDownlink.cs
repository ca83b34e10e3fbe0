using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>The way down to devices. The gateway implements it; grains know nothing of MQTT. Every call is idempotent.</summary>
public interface IDeviceDownlink
{
    /// <summary>Publishes the desired document, retained. Returns when the broker has it; while the broker is away it returns at once, because the gateway says everything again when it connects.</summary>
    Task PublishDesiredAsync(DeviceId device, long epoch, Assignment assignment, CancellationToken cancellationToken);

    /// <summary>Publishes blobs, retained, each under its own digest; those already published since the last connect are left out unless <paramref name="again"/>.</summary>
    Task PublishBlobsAsync(IReadOnlyCollection<Sha256Digest> blobs, bool again, CancellationToken cancellationToken);
}
