using System.Text.Json;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Gateway.Link;

namespace MlOps.Edge.Gateway.Downlink;

internal sealed class MqttDownlink(BrokerLink link, IArtifactStore artifacts) : IDeviceDownlink
{
    public async Task PublishDesiredAsync(DeviceId device, long epoch, Assignment assignment, CancellationToken cancellationToken)
    {
        if (link.Current is not { } connection)
        {
            return;
        }

        var document = new DesiredDocument
        {
            Epoch = epoch,
            Active = Pointer(assignment.Active),
            Shadow = Pointer(assignment.Shadow),
            Rollout = assignment.Rollout,
        };
        await connection.PublishRetainedAsync(
            Topics.Desired(device), JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.DesiredDocument), cancellationToken);
    }

    public async Task PublishBlobsAsync(IReadOnlyCollection<Sha256Digest> blobs, bool again, CancellationToken cancellationToken)
    {
        if (link.Current is not { } connection)
        {
            return;
        }

        foreach (var blob in blobs)
        {
            // One who gives up waiting must not take the blob from the others who wait for it.
            await connection.Blobs.EnsureAsync(blob, again, digest => PublishAsync(connection, digest)).WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> PublishAsync(BrokerConnection connection, Sha256Digest blob)
    {
        var content = await artifacts.GetAsync(blob, CancellationToken.None)
                      ?? throw new GatewayException($"The blob {blob} is assigned to a device and not in the artifact store; register the version again.");
        return await connection.PublishRetainedAsync(Topics.Blob(blob), content, CancellationToken.None);
    }

    private static ModelPointer? Pointer(AssignedModel? model) => model is null
        ? null
        : new ModelPointer(model.Model, model.Version, Sha256Digest.Parse(model.Manifest), Sha256Digest.Parse(model.Signature));
}
