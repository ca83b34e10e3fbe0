using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>Sequences whose batches are rows no more: they became part of a larger block, or their time was over.</summary>
internal static class SequenceFold
{
    public static void Add(SqlSession session, long stream, long first, long last)
    {
        var extended = session.Execute(
            """
            UPDATE telemetry_range SET last = $3 WHERE stream = $1 AND last = $2 - 1
            AND NOT EXISTS (SELECT 1 FROM telemetry_range WHERE stream = $1 AND first BETWEEN $2 AND $3 + 1)
            """,
            stream, first, last);
        if (extended == 1)
        {
            return;
        }

        var touching = session.Query(
            "SELECT first, last FROM telemetry_range WHERE stream = $1 AND first <= $3 + 1 AND last >= $2 - 1",
            row => (First: row.GetInt64(0), Last: row.GetInt64(1)), stream, first, last);
        session.Run("DELETE FROM telemetry_range WHERE stream = $1 AND first <= $3 + 1 AND last >= $2 - 1", stream, first, last);
        session.Run(
            "INSERT INTO telemetry_range (stream, first, last) VALUES ($1, $2, $3)",
            stream, touching.Select(r => r.First).Append(first).Min(), touching.Select(r => r.Last).Append(last).Max());
    }

    /// <summary>Adds sequences that come in any order, neighbours together.</summary>
    public static void Add(SqlSession session, IEnumerable<(long Stream, long Sequence)> sequences)
    {
        (long Stream, long First, long Last)? run = null;
        foreach (var (stream, sequence) in sequences.Order())
        {
            if (run is { } open && open.Stream == stream && open.Last == sequence - 1)
            {
                run = open with { Last = sequence };
                continue;
            }

            Close(run);
            run = (stream, sequence, sequence);
        }

        Close(run);

        void Close((long Stream, long First, long Last)? done)
        {
            if (done is { } r)
            {
                Add(session, r.Stream, r.First, r.Last);
            }
        }
    }
}
