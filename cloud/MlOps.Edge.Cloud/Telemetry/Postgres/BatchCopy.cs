using MlOps.Edge.Cloud.Telemetry.Sql;
using Npgsql;
using NpgsqlTypes;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>New batches, their keys and where they are found, by binary COPY. Nothing of them is in the tables yet: whoever could have put it there waits for this transaction.</summary>
internal static class BatchCopy
{
    public static void Write(NpgsqlConnection connection, List<NewBatch> batches, List<NumberedSpan> spans)
    {
        WriteBatches(connection, batches);
        WriteKeys(connection, batches);
        WriteBlocks(connection, spans);
        WriteMentions(connection, spans);
    }

    private static void WriteBatches(NpgsqlConnection connection, List<NewBatch> batches)
    {
        using var copy = connection.BeginBinaryImport(
            "COPY telemetry_batch (position, stream, sequence, received_at, clock_trust, clock_offset, payload) FROM STDIN (FORMAT BINARY)");
        foreach (var batch in batches)
        {
            var record = batch.Record;
            copy.StartRow();
            copy.Write(batch.Position, NpgsqlDbType.Bigint);
            copy.Write(batch.Stream, NpgsqlDbType.Bigint);
            copy.Write(record.Sequence, NpgsqlDbType.Bigint);
            copy.Write(record.ReceivedAt.ToUnixTimeMilliseconds(), NpgsqlDbType.Bigint);
            copy.Write((int)record.Clock.Trust, NpgsqlDbType.Integer);
            copy.Write((long)record.Clock.Offset.TotalMilliseconds, NpgsqlDbType.Bigint);
            copy.Write(record.Payload, NpgsqlDbType.Bytea);
        }

        copy.Complete();
    }

    private static void WriteKeys(NpgsqlConnection connection, List<NewBatch> batches)
    {
        using var copy = connection.BeginBinaryImport("COPY telemetry_key (stream, sequence, hash) FROM STDIN (FORMAT BINARY)");
        foreach (var batch in batches)
        {
            copy.StartRow();
            copy.Write(batch.Stream, NpgsqlDbType.Bigint);
            copy.Write(batch.Record.Sequence, NpgsqlDbType.Bigint);
            copy.Write(batch.Hash.AsMemory(0, KeyHash.Bytes), NpgsqlDbType.Bytea);
        }

        copy.Complete();
    }

    private static void WriteBlocks(NpgsqlConnection connection, List<NumberedSpan> spans)
    {
        // Two blocks of a batch may end at the same moment; the row then says when the earlier one begins.
        var blocks = spans.Where(s => s.Span.Readings > 0)
            .GroupBy(s => (s.Unit, Last: s.Span.LastTime.ToUnixTimeMilliseconds(), s.Batch.Position), (key, same) => (key, First: same.Min(s => s.Span.FirstTime.ToUnixTimeMilliseconds()))).ToList();
        if (blocks.Count == 0)
        {
            return;
        }

        using var copy = connection.BeginBinaryImport("COPY telemetry_block (unit, last_time, position, first_time) FROM STDIN (FORMAT BINARY)");
        foreach (var ((unit, last, position), first) in blocks)
        {
            copy.StartRow();
            copy.Write(unit, NpgsqlDbType.Bigint);
            copy.Write(last, NpgsqlDbType.Bigint);
            copy.Write(position, NpgsqlDbType.Bigint);
            copy.Write(first, NpgsqlDbType.Bigint);
        }

        copy.Complete();
    }

    private static void WriteMentions(NpgsqlConnection connection, List<NumberedSpan> spans)
    {
        var mentions = spans.Where(s => s.Span.Readings == 0).Select(s => (s.Unit, s.Batch.Position)).Distinct().ToList();
        if (mentions.Count == 0)
        {
            return;
        }

        using var copy = connection.BeginBinaryImport("COPY telemetry_mention (unit, position) FROM STDIN (FORMAT BINARY)");
        foreach (var (unit, position) in mentions)
        {
            copy.StartRow();
            copy.Write(unit, NpgsqlDbType.Bigint);
            copy.Write(position, NpgsqlDbType.Bigint);
        }

        copy.Complete();
    }
}
