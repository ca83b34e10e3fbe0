using System.Data.Common;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>A stored batch as upkeep sees it.</summary>
internal sealed record BatchRow(long Position, long Stream, long Sequence, DateTimeOffset ReceivedAt, ClockCorrection Clock, TelemetryBatch Batch)
{
    private const string Select = "SELECT position, stream, sequence, received_at, clock_trust, clock_offset, payload FROM telemetry_batch";

    /// <summary>Of the payload as it was read.</summary>
    public required int Bytes { get; init; }

    /// <summary>Whether anything is left that a reader would want.</summary>
    public bool IsEmpty => Batch.Readings.Count + Batch.Predictions.Count + Batch.Sketches.Count + Batch.Summaries.Count == 0;

    /// <summary>Those that are there, ordered by position.</summary>
    public static List<BatchRow> FindAll(SqlSession session, ITelemetryEngine engine, long[] positions) =>
        session.Query($"{Select} WHERE {engine.IsOneOf("position", "$1")} ORDER BY position", Read, engine.List(positions));

    public static List<BatchRow> Oldest(SqlSession session, int most) => session.Query($"{Select} ORDER BY position LIMIT $1", Read, most);

    /// <summary>When a block ends in the index: its last time, corrected, Unix milliseconds.</summary>
    public long LastTimeOf(Readings readings) => new FrameTimes(readings).LastMs + (long)Clock.Offset.TotalMilliseconds;

    public long FirstTimeOf(Readings readings) => new FrameTimes(readings).FirstMs + (long)Clock.Offset.TotalMilliseconds;

    private static BatchRow Read(DbDataReader row)
    {
        var payload = row.GetFieldValue<byte[]>(6);
        return new(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            new(TimeSpan.FromMilliseconds(row.GetInt64(5)), (ClockTrust)row.GetInt32(4)), TelemetryBatch.Parser.ParseFrom(payload))
        {
            Bytes = payload.Length,
        };
    }
}
