using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// Keeps telemetry batches exactly as they came, once each: the block on the wire is the block in the store.
/// The key is (device, stream epoch, sequence); whoever writes, and however often, nothing is stored twice.
/// </summary>
public interface ITelemetryStore
{
    /// <summary>Returns when the batch is on disk (or was there already).</summary>
    Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken);

    /// <summary>Returns when all of them are on disk: one after the other, or together, whichever is cheaper.</summary>
    /// <returns>What became of each, in their order.</returns>
    async Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<TelemetryRecord> records, CancellationToken cancellationToken) =>
        await Task.WhenAll(records.Select(record => AppendAsync(record, cancellationToken)));

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

/// <summary>What is stored, by time.</summary>
public interface ITelemetryHistory
{
    /// <summary>Every batch with readings of a unit that may lie in a span of time, ordered by time.</summary>
    /// <param name="from">Included.</param>
    /// <param name="to">Excluded.</param>
    Task<IReadOnlyList<StoredBatch>> ReadSpanAsync(UnitRef unit, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>
    /// The figures of each interval of a span of time in which a unit was read, ordered by time. They are kept longer than the readings
    /// and follow them within minutes. Readings that come further apart than a minute have no rollup by the minute.
    /// </summary>
    /// <param name="from">Included; the interval that it lies in is the first.</param>
    /// <param name="to">Excluded.</param>
    Task<IReadOnlyList<RollupChunk>> ReadRollupsAsync(UnitRef unit, RollupInterval interval, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>What devices said will never come, the newest first.</summary>
    Task<IReadOnlyList<StoredGap>> ListGapsAsync(DeviceId? device, int limit, CancellationToken cancellationToken);
}

/// <summary>The schemas of all that is stored.</summary>
public interface ISchemaBook
{
    /// <param name="id">See <see cref="SchemaId"/>.</param>
    /// <returns>Null: nothing stored names it.</returns>
    Schema? FindSchema(ReadOnlyMemory<byte> id);
}

/// <param name="StreamEpoch">16 bytes.</param>
/// <param name="Payload">The encoded TelemetryBatch.</param>
/// <param name="Units">The frames it holds, for the index.</param>
public sealed record TelemetryRecord(DeviceId Device, byte[] StreamEpoch, long Sequence, byte[] Payload, IReadOnlyList<UnitSpan> Units, DateTimeOffset ReceivedAt)
{
    public StreamKind Kind { get; init; } = StreamKind.Live;

    public IReadOnlyList<Gap> Gaps { get; init; } = [];

    /// <summary>Those that it brings; what it only names is in the store.</summary>
    public IReadOnlyList<Schema> Schemas { get; init; } = [];

    /// <summary>What is to be added to its times.</summary>
    public ClockCorrection Clock { get; init; } = ClockCorrection.None;
}

/// <summary>Whether a device's clock was right when it made a batch, and by how much it was not.</summary>
/// <param name="Offset">To be added to the times of the batch; whole milliseconds.</param>
public readonly record struct ClockCorrection(TimeSpan Offset, ClockTrust Trust)
{
    public static ClockCorrection None { get; }
}

/// <summary>The numbers rest in the store.</summary>
public enum ClockTrust
{
    /// <summary>The times are as the device gave them.</summary>
    Plain = 0,

    /// <summary>The device's uptime told how far its clock was off.</summary>
    Corrected = 1,

    /// <summary>Nothing told; the last time of the batch is when it came.</summary>
    Estimated = 2,
}

/// <param name="FirstFrame">Age of the first frame, included.</param>
/// <param name="LastFrame">Age of the last frame, included.</param>
/// <param name="LastTime">Of the last frame, corrected.</param>
/// <param name="Readings">Values (frames × channels); 0: the batch holds only predictions or sketches of the unit.</param>
public sealed record UnitSpan(UnitRef Unit, string MachineKind, long FirstFrame, long LastFrame, DateTimeOffset LastTime, long Readings)
{
    /// <summary>Of the first frame, corrected.</summary>
    public DateTimeOffset FirstTime { get; init; }

    /// <summary>Names the columns; 16 bytes.</summary>
    public ReadOnlyMemory<byte> Schema { get; init; }

    /// <summary>The values of the last frame, in the schema's order.</summary>
    public float[] Latest { get; init; } = [];
}

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

/// <param name="Schemas">Where the schemas are found that the batch does not carry.</param>
public sealed record StoredBatch(long Position, DeviceId Device, byte[] Payload, ISchemaBook? Schemas = null)
{
    public ClockCorrection Clock { get; init; } = ClockCorrection.None;
}

/// <summary>How long the intervals of a rollup are, in milliseconds. They begin at multiples of it since 1970.</summary>
public enum RollupInterval
{
    Minute = 60_000,
    Hour = 3_600_000,
}

/// <summary>Some rows of a rollup: those of a quarter of an hour of minutes, or of a day of hours. Channels that were read under another schema have chunks of their own.</summary>
/// <param name="Schema">Names the columns.</param>
/// <param name="Rows">A row for each interval that has a frame; its frames, and each column's least, greatest and mean value and how many there were.</param>
public sealed record RollupChunk(Schema Schema, Summary Rows);

/// <param name="Gap">As the device said it.</param>
/// <param name="ReceivedAt">When the cloud stored it.</param>
public sealed record StoredGap(DeviceId Device, byte[] StreamEpoch, Gap Gap, DateTimeOffset ReceivedAt);

/// <param name="LastTime">Of the last frame, corrected.</param>
public sealed record UnitExtent(UnitRef Unit, string MachineKind, DeviceId Device, long FirstFrame, long LastFrame, DateTimeOffset LastTime)
{
    /// <summary>Names the columns of the newest readings; 16 bytes.</summary>
    public ReadOnlyMemory<byte> Schema { get; init; }

    /// <summary>The values of the last frame, in the schema's order.</summary>
    public float[] Latest { get; init; } = [];
}

/// <param name="Readings">Values, sensors × frames.</param>
/// <param name="Bytes">Of the batches as they came.</param>
/// <param name="Duplicates">Repeats that were recognised and not stored again.</param>
public sealed record TelemetryTotals(long Batches, long Readings, long Bytes, long Duplicates, long DeadLetters);
