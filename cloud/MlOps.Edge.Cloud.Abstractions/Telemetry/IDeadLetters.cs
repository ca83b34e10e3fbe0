using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>What could never be stored, put aside with the reason: the newest of each device.</summary>
public interface IDeadLetters
{
    /// <summary>Newest first.</summary>
    /// <param name="device">Only this one's; null: everybody's.</param>
    /// <param name="before">Only those with a lower id; null: from the newest on.</param>
    Task<IReadOnlyList<DeadLetter>> ListAsync(DeviceId? device, long? before, int limit, CancellationToken cancellationToken);

    /// <returns>One with its payload as it came; null: there is none of this id, or it has made room.</returns>
    Task<(DeadLetter Letter, byte[] Payload)?> FindAsync(long id, CancellationToken cancellationToken);
}

/// <param name="Device">Whose topic it came on.</param>
/// <param name="Reason">In plain words.</param>
/// <param name="Bytes">The payload's length.</param>
public sealed record DeadLetter(long Id, DeviceId Device, DateTimeOffset ReceivedAt, string Reason, long Bytes);
