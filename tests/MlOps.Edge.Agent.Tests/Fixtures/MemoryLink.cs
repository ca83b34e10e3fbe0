using System.Collections.Concurrent;
using System.Text.Json;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>A link without a network to a cloud that stores at once. It is down until it is set up.</summary>
internal sealed class MemoryLink(DeviceId device) : ICloudLink
{
    private readonly ConcurrentQueue<byte[]> _unanswered = [];

    public CloudStore Store { get; } = new();

    /// <summary>Whether the cloud answers; what comes meanwhile waits for <see cref="AnswerLate"/>.</summary>
    public bool Answers
    {
        set => Holds = _ => !value;
    }

    /// <summary>The batches that the cloud does not answer before <see cref="AnswerLate"/>.</summary>
    public Func<TelemetryBatch, bool> Holds { get; set; } = _ => false;

    /// <summary>Batches that came and were not answered.</summary>
    public int Unanswered => _unanswered.Count;

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

    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, IReadOnlyList<UserProperty> properties, CancellationToken cancellationToken)
    {
        if (!IsUp)
        {
            throw new CloudLinkException("the cable is out");
        }

        if (topic == Topics.Telemetry(device))
        {
            if (Holds(TelemetryBatch.Parser.ParseFrom(payload.Span)))
            {
                _unanswered.Enqueue(payload.ToArray());
            }
            else
            {
                Answer(payload.ToArray());
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Stores and acknowledges all that came.</summary>
    public void AnswerLate()
    {
        while (_unanswered.TryDequeue(out var payload))
        {
            Answer(payload);
        }
    }

    private void Answer(byte[] payload) =>
        Received?.Invoke(Topics.Acknowledgement(device), JsonSerializer.SerializeToUtf8Bytes(Store.Take(payload), ContractsJson.Default.AcknowledgementDocument));

    public Task SubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;
}
