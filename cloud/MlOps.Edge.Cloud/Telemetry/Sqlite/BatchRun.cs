using MlOps.Edge.Cloud.Telemetry.Sql;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>
/// Batches that are stored as one row: they came together, follow each other in one stream, hold the same units and were made under the same clock. A device that
/// catches up brings dozens at a time, and then a row, its key and its entry by time are written once for all of them.
/// </summary>
internal sealed class BatchRun
{
    // What a reader of one of them has to read too.
    public const int MostBatches = 64;
    private const int MostBytes = 32 * 1024;

    // More are not worth the comparing.
    private const int MostSpans = 8;

    private BatchRun(IReadOnlyList<TelemetryRecord> records)
    {
        Records = records;
        Payload = RowPayload.Join([.. records.Select(record => record.Payload)]);
        Units = records is [var alone] ? alone.Units : Together(records);
        Bytes = records.Sum(record => (long)record.Payload.Length);
    }

    /// <summary>One or more, in the order of their sequences.</summary>
    public IReadOnlyList<TelemetryRecord> Records { get; }

    public TelemetryRecord Last => Records[^1];

    /// <summary>As they rest in the row, see <see cref="RowPayload"/>.</summary>
    public byte[] Payload { get; }

    /// <summary>What they hold; blocks of one unit that follow each other without a hole are one span.</summary>
    public IReadOnlyList<UnitSpan> Units { get; }

    /// <summary>Of the payloads as they came.</summary>
    public long Bytes { get; }

    /// <summary>What is handed over together, as few runs in the same order.</summary>
    public static IReadOnlyList<BatchRun> Of(IReadOnlyList<TelemetryRecord> records)
    {
        List<BatchRun> runs = [];
        for (int from = 0, to; from < records.Count; from = to)
        {
            var bytes = records[from].Payload.Length;
            for (to = from + 1; to < records.Count && to - from < MostBatches && Follows(records[to - 1], records[to]); to++)
            {
                bytes += records[to].Payload.Length;
                if (bytes > MostBytes)
                {
                    break;
                }
            }

            runs.Add(new([.. records.Skip(from).Take(to - from)]));
        }

        return runs;
    }

    public static BatchRun Of(TelemetryRecord record) => new([record]);

    /// <summary>Those of a row that is stored.</summary>
    public static BatchRun OfRow(IReadOnlyList<TelemetryRecord> records) => new(records);

    private static bool Follows(TelemetryRecord before, TelemetryRecord after) =>
        after.Sequence == before.Sequence + 1 && after.Clock == before.Clock && after.StreamEpoch.AsSpan().SequenceEqual(before.StreamEpoch)
        && after.Device == before.Device && SameUnits(before.Units, after.Units);

    private static bool SameUnits(IReadOnlyList<UnitSpan> some, IReadOnlyList<UnitSpan> others) =>
        some.Count <= MostSpans && others.Count <= MostSpans && AllIn(some, others) && AllIn(others, some);

    private static bool AllIn(IReadOnlyList<UnitSpan> some, IReadOnlyList<UnitSpan> others)
    {
        foreach (var one in some)
        {
            var found = false;
            for (var i = 0; i < others.Count && !found; i++)
            {
                found = others[i].Unit == one.Unit;
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static List<UnitSpan> Together(IReadOnlyList<TelemetryRecord> records)
    {
        List<UnitSpan> together = [];
        foreach (var span in records.SelectMany(record => record.Units))
        {
            // Of few units there are few open spans; the newest is nearly always the one.
            var at = together.FindLastIndex(known => known.Unit == span.Unit && known.Readings == 0 == (span.Readings == 0));
            if (at >= 0 && span.Readings == 0)
            {
                continue;
            }

            if (at >= 0 && together[at] is var open && span.FirstFrame == open.LastFrame + 1 && span.FirstTime >= open.LastTime && span.MachineKind == open.MachineKind)
            {
                together[at] = span with { FirstFrame = open.FirstFrame, FirstTime = open.FirstTime, Readings = open.Readings + span.Readings };
            }
            else
            {
                together.Add(span);
            }
        }

        return together;
    }
}
