using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>
/// New batches, their keys and where they are found: a statement for each table whatever the number of rows, a column an array, and all of them in one way to the
/// server. Nothing of them is in the tables yet: whoever could have put it there waits for this transaction.
/// </summary>
internal static class BatchInserts
{
    public static void Write(PostgresSession session, List<NewBatch> batches, List<NumberedSpan> spans)
    {
        WriteBatches(session, batches);
        WriteBlocks(session, spans);
        WriteMentions(session, spans);
    }

    private static void WriteBatches(PostgresSession session, List<NewBatch> batches)
    {
        var (streams, sequences) = (Column(batches, b => b.Stream), Column(batches, b => b.Record.Sequence));
        session.Run(
            """
            INSERT INTO telemetry_batch (position, stream, sequence, received_at, clock_trust, clock_offset, payload)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            """,
            Column(batches, b => b.Position), streams, sequences, Column(batches, b => b.Record.ReceivedAt.ToUnixTimeMilliseconds()),
            Column(batches, b => (int)b.Record.Clock.Trust), Column(batches, b => (long)b.Record.Clock.Offset.TotalMilliseconds), Column(batches, b => b.Record.Payload));
        session.Run("INSERT INTO telemetry_key (stream, sequence, hash) SELECT * FROM unnest($1, $2, $3)", streams, sequences, Column(batches, b => b.Hash[..KeyHash.Bytes]));
    }

    private static void WriteBlocks(PostgresSession session, List<NumberedSpan> spans)
    {
        // Two blocks of a batch may end at the same moment; the row then says when the earlier one begins.
        var blocks = spans.Where(s => s.Span.Readings > 0)
            .GroupBy(s => (s.Unit, Last: s.Span.LastTime.ToUnixTimeMilliseconds(), s.Batch.Position), (key, same) => (key, First: same.Min(s => s.Span.FirstTime.ToUnixTimeMilliseconds()))).ToList();
        if (blocks.Count > 0)
        {
            session.Run(
                "INSERT INTO telemetry_block (unit, last_time, position, first_time) SELECT * FROM unnest($1, $2, $3, $4)",
                Column(blocks, b => b.key.Unit), Column(blocks, b => b.key.Last), Column(blocks, b => b.key.Position), Column(blocks, b => b.First));
        }
    }

    private static void WriteMentions(PostgresSession session, List<NumberedSpan> spans)
    {
        var mentions = spans.Where(s => s.Span.Readings == 0).Select(s => (s.Unit, s.Batch.Position)).Distinct().ToList();
        if (mentions.Count > 0)
        {
            session.Run("INSERT INTO telemetry_mention (unit, position) SELECT * FROM unnest($1, $2)", Column(mentions, m => m.Unit), Column(mentions, m => m.Position));
        }
    }

    private static TColumn[] Column<TRow, TColumn>(List<TRow> rows, Func<TRow, TColumn> value) => [.. rows.Select(value)];
}
