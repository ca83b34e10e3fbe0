using System.Data.Common;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>A stored row as upkeep sees it: one batch, or several that came together and follow each other in their stream.</summary>
/// <param name="Position">Of its last batch.</param>
/// <param name="Batches">One or more, in the order of their sequences.</param>
internal sealed record BatchRow(long Position, long Stream, DateTimeOffset ReceivedAt, ClockCorrection Clock, IReadOnlyList<RowBatch> Batches)
{
    /// <summary>Of the payload as it was read.</summary>
    public required int Bytes { get; init; }

    public IEnumerable<Readings> Readings => Batches.SelectMany(batch => batch.Content.Readings);

    /// <summary>Those that are there, ordered by position.</summary>
    public static List<BatchRow> FindAll(SqlSession session, ITelemetryEngine engine, long[] positions) =>
        session.Query($"{Select(engine)} WHERE {engine.IsOneOf("position", "$1")} ORDER BY position", Read, engine.List(positions));

    public static List<BatchRow> Oldest(SqlSession session, ITelemetryEngine engine, int most) => session.Query($"{Select(engine)} ORDER BY position LIMIT $1", Read, most);

    /// <summary>When a block ends in the index: its last time, corrected, Unix milliseconds.</summary>
    public long LastTimeOf(Readings readings) => new FrameTimes(readings).LastMs + (long)Clock.Offset.TotalMilliseconds;

    public long FirstTimeOf(Readings readings) => new FrameTimes(readings).FirstMs + (long)Clock.Offset.TotalMilliseconds;

    private static string Select(ITelemetryEngine engine) =>
        $"SELECT position, stream, sequence, received_at, clock_trust, clock_offset, {engine.HashColumn}, payload FROM telemetry_batch";

    private static BatchRow Read(DbDataReader row)
    {
        var (position, sequence, payload) = (row.GetInt64(0), row.GetInt64(2), row.GetFieldValue<byte[]>(7));
        var hashes = row.IsDBNull(6) ? [] : row.GetFieldValue<byte[]>(6);
        var parts = RowPayload.Split(payload, Math.Max(hashes.Length / KeyHash.Bytes, 1));
        return new(
            position, row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), new(TimeSpan.FromMilliseconds(row.GetInt64(5)), (ClockTrust)row.GetInt32(4)),
            [
                .. parts.Select((part, i) => new RowBatch(position - parts.Count + 1 + i, sequence - parts.Count + 1 + i, part, hashes.Length == 0 ? [] : hashes[(i * KeyHash.Bytes)..((i + 1) * KeyHash.Bytes)])),
            ])
        {
            Bytes = payload.Length,
        };
    }
}

/// <summary>A batch of a row.</summary>
/// <param name="payload">As it was read.</param>
/// <param name="hash">As it was read; empty where the store keeps keys elsewhere.</param>
internal sealed class RowBatch(long position, long sequence, byte[] payload, byte[] hash)
{
    public long Position { get; } = position;

    public long Sequence { get; } = sequence;

    /// <summary>What is taken out of it or put into it is to be written.</summary>
    public TelemetryBatch Content { get; } = TelemetryBatch.Parser.ParseFrom(payload);

    /// <summary>Of what the device sent. Once something is taken out of it, a payload does not speak for itself any more.</summary>
    public byte[] Hash => KeyHash.IsNone(hash) ? KeyHash.Of(payload) : hash;

    /// <summary>Whether nothing is left that a reader would want.</summary>
    public bool IsEmpty => Content.Readings.Count + Content.Predictions.Count + Content.Sketches.Count + Content.Summaries.Count == 0;
}
