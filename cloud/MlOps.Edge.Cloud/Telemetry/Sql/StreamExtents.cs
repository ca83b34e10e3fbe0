using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>How far the streams of a device are stored: batches, those that became part of larger ones, and declared gaps.</summary>
internal static class StreamExtents
{
    /// <param name="sequences">See <see cref="ITelemetryEngine.Sequences"/>.</param>
    public static IEnumerable<StreamExtent> Read(SqlSession session, string device, string sequences)
    {
        foreach (var (id, epoch) in session.Query("SELECT id, epoch FROM telemetry_stream WHERE device = $1 ORDER BY epoch", row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), device))
        {
            var stored = new SequenceSet();
            foreach (var (first, last) in Ranges(session, id))
            {
                stored.Add(first, last);
            }

            // What is folded from the start on needs no looking at batches.
            var from = stored.Spans is [{ First: <= 1 } span, ..] ? span.Last : 0;
            foreach (var (first, last) in session.Query(sequences, row => (row.GetInt64(0), row.GetInt64(1)), id, from))
            {
                stored.Add(first, last);
            }

            yield return new(epoch, [.. stored.Spans.Select(s => (s.First, s.Last))]);
        }
    }

    private static List<(long First, long Last)> Ranges(SqlSession session, long stream) => session.Query(
        "SELECT first, last FROM telemetry_range WHERE stream = $1 UNION ALL SELECT first, last FROM telemetry_gap WHERE stream = $1 AND first > 0 ORDER BY 1",
        row => (row.GetInt64(0), row.GetInt64(1)), stream);
}
