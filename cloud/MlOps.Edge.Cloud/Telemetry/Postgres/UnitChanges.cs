using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>How far units go and what was read last: what a group knows of a unit becomes one row, and all rows one statement in the transaction of the batches, whoever else writes.</summary>
internal static class UnitChanges
{
    public static void Write(PostgresSession session, List<NumberedSpan> spans)
    {
        var changed = new Dictionary<long, UnitEntry>();
        foreach (var (number, batch, span) in spans.Where(s => s.Span.Readings > 0))
        {
            if (!changed.TryGetValue(number, out var entry))
            {
                changed.Add(number, entry = UnitEntry.New(number, span, batch.Record.Device));
            }

            entry.Take(span, batch.Record.Device);
        }

        if (changed.Count == 0)
        {
            return;
        }

        var units = changed.Values;
        session.Run(
            """
            UPDATE telemetry_unit u SET
                first_frame = CASE WHEN u.last_frame < 0 THEN w.first_frame ELSE least(u.first_frame, w.first_frame) END,
                longest = greatest(u.longest, w.longest),
                last_frame = greatest(u.last_frame, w.last_frame),
                last_time = CASE WHEN w.last_frame > u.last_frame THEN w.last_time ELSE u.last_time END,
                machine_kind = CASE WHEN w.last_frame > u.last_frame THEN w.machine_kind ELSE u.machine_kind END,
                device = CASE WHEN w.last_frame > u.last_frame THEN w.device ELSE u.device END,
                schema = CASE WHEN w.last_frame > u.last_frame THEN w.schema ELSE u.schema END,
                latest = CASE WHEN w.last_frame > u.last_frame THEN w.latest ELSE u.latest END
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS w(id, machine_kind, device, first_frame, last_frame, last_time, longest, schema, latest)
            WHERE u.id = w.id AND (w.last_frame > u.last_frame OR w.first_frame < u.first_frame OR w.longest > u.longest)
            """,
            Column(u => u.Id), Column(u => PostgresSession.Text(u.MachineKind)), Column(u => u.Device.ToString()), Column(u => u.FirstFrame), Column(u => u.LastFrame), Column(u => u.LastTimeMs),
            Column(u => u.LongestMs), Column(u => u.Schema), Column(u => FloatBytes.Encode(u.Latest)));

        T[] Column<T>(Func<UnitEntry, T> value) => [.. units.Select(value)];
    }
}
