using System.Text.Json;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>A link without a network to a cloud that stores at once. It is down until it is set up.</summary>
internal sealed class MemoryLink(DeviceId device) : ICloudLink
{
    public CloudStore Store { get; } = new();

    /// <summary>Whether the cloud answers; what comes meanwhile is lost.</summary>
    public bool Answers { get; set; } = true;

    public int Connection { get; private set; }

    public bool IsUp { get; private set; }

    public Pulse Changed { get; } = new();

    public event Action<string, ReadOnlyMemory<byte>>? Received;

    public void Set(bool up)
    {
        Connection += up ? 1 : 0;
        IsUp = up;
        Changed.Raise();
    }

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellationToken)
    {
        if (!IsUp)
        {
            throw new CloudLinkException("the cable is out");
        }

        if (topic == Topics.Telemetry(device) && Answers)
        {
            Received?.Invoke(Topics.Acknowledgement(device), JsonSerializer.SerializeToUtf8Bytes(Store.Take(payload.ToArray()), ContractsJson.Default.AcknowledgementDocument));
        }

        return Task.CompletedTask;
    }

    public Task SubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;
}
