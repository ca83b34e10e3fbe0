using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// Keeps telemetry batches exactly as they came, once each: the block on the wire is the block in the store.
/// The key is (device, stream epoch, sequence); whoever writes, and however often, nothing is stored twice.
/// </summary>
public interface ITelemetryStore
{
    /// <summary>Returns when the batch is on disk (or was there already).</summary>
    Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken);

    /// <summary>Puts a batch that can never be stored aside, with the reason, once however often it comes. The newest of a device are kept.</summary>
    Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken);

    /// <summary>What is stored of each stream of a device; gaps that the device declared count as stored.</summary>
    Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken);

    /// <summary>Batches after a position in the order of commit, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The position of the batch that was committed last; 0: none was.</summary>
    Task<long> GetHeadAsync(CancellationToken cancellationToken);

    /// <summary>Every batch that holds anything of a unit, ordered by position.</summary>
    IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken);

    /// <summary>Every unit that was ever read, ordered by asset and installation.</summary>
    Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken);

    Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken);
}

/// <param name="StreamEpoch">16 bytes.</param>
/// <param name="Payload">The encoded TelemetryBatch.</param>
/// <param name="Units">The frames it holds, for the index.</param>
public sealed record TelemetryRecord(DeviceId Device, byte[] StreamEpoch, long Sequence, byte[] Payload, IReadOnlyList<UnitSpan> Units, DateTimeOffset ReceivedAt)
{
    /// <summary>Sequences that the batch says will never come, first and last included.</summary>
    public IReadOnlyList<(long First, long Last)> Gaps { get; init; } = [];
}

/// <param name="FirstFrame">Age of the first frame, included.</param>
/// <param name="LastFrame">Age of the last frame, included.</param>
/// <param name="LastTime">Device time of the last frame.</param>
/// <param name="Readings">Values (frames × channels); 0: the batch holds only predictions or sketches of the unit.</param>
public sealed record UnitSpan(UnitRef Unit, string MachineKind, long FirstFrame, long LastFrame, DateTimeOffset LastTime, long Readings);

public enum AppendOutcome
{
    Stored,

    /// <summary>The same bytes are there already.</summary>
    Duplicate,

    /// <summary>Other bytes are there under the same key: the batch went to the dead letters.</summary>
    Conflict,
}

/// <param name="StreamEpoch">16 bytes.</param>
/// <param name="Ranges">Stored sequences, ascending, first and last included.</param>
public sealed record StreamExtent(byte[] StreamEpoch, IReadOnlyList<(long First, long Last)> Ranges);

public sealed record StoredBatch(long Position, DeviceId Device, byte[] Payload);

public sealed record UnitExtent(UnitRef Unit, string MachineKind, DeviceId Device, long FirstFrame, long LastFrame, DateTimeOffset LastTime);

/// <param name="Readings">Values, sensors × frames.</param>
/// <param name="Duplicates">Repeats that were recognised and not stored again.</param>
public sealed record TelemetryTotals(long Batches, long Readings, long Bytes, long Duplicates, long DeadLetters);
