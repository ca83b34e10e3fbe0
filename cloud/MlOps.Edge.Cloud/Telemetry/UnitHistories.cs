using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// Puts the life of a unit together from what the stores hold: frames in order, each once (what was stored first counts),
/// frames that never came as rows of NaN.
/// </summary>
internal sealed class UnitHistories(ITelemetryStore telemetry, IMaintenanceLog maintenance)
{
    // A jump this long is a device whose age counter went astray, not a sensor that was silent: filling it would fill the memory.
    private const long LongestHole = 100_000;

    /// <param name="channels">The order of the columns.</param>
    /// <returns>Null where nothing of the unit is to be seen.</returns>
    public async Task<RecordedUnit?> ReadAsync(UnitRef unit, IReadOnlyList<string> channels, DataCut cut, CancellationToken cancellationToken)
    {
        var end = (await maintenance.ListAsync(unit.Asset, cancellationToken)).Where(cut.Shows)
            .Select(recorded => recorded.Event)
            .FirstOrDefault(e => e.Installation == unit.Installation && MaintenanceRules.Ends(e.Kind));
        var rows = await ReadRowsAsync(unit, channels, cut, end?.Frame ?? long.MaxValue, cancellationToken);
        if (rows.Count == 0)
        {
            return null;
        }

        var last = LastBeforeAbyss(rows);
        var history = new UnitHistory
        {
            Unit = unit.ToString(),
            FirstFrame = rows.Keys[0],
            Channels = channels.Count,
            Values = Fill(rows, last, channels.Count),
            End = end?.Kind switch
            {
                null => UnitEnd.Running,
                MaintenanceKind.Failure => UnitEnd.Failed,
                _ => UnitEnd.Censored,
            },
        };
        return new(history, rows[last].At);
    }

    /// <summary>The last frame of a unit at or before a time; null where there is none.</summary>
    public async Task<long?> LastFrameAsync(UnitRef unit, DateTimeOffset time, CancellationToken cancellationToken)
    {
        long? last = null;
        await foreach (var stored in telemetry.ReadUnitAsync(unit, cancellationToken))
        {
            foreach (var block in TelemetryReader.Decode(stored).Readings.Where(block => Holds(block, unit)))
            {
                var frames = new FrameTimes(block).CountThrough(time);
                last = frames == 0 ? last : Math.Max(last ?? 0, (long)block.FirstFrame + frames - 1);
            }
        }

        return last;
    }

    /// <summary>The device time of a frame; null where it is not stored.</summary>
    public async Task<DateTimeOffset?> TimeOfAsync(UnitRef unit, long frame, CancellationToken cancellationToken)
    {
        await foreach (var stored in telemetry.ReadUnitAsync(unit, cancellationToken))
        {
            foreach (var block in TelemetryReader.Decode(stored).Readings.Where(block => Holds(block, unit)))
            {
                var index = frame - (long)block.FirstFrame;
                if (index >= 0 && index < block.Frames)
                {
                    return new FrameTimes(block).At((int)index);
                }
            }
        }

        return null;
    }

    private async Task<SortedList<long, Row>> ReadRowsAsync(
        UnitRef unit, IReadOnlyList<string> channels, DataCut cut, long lastFrame, CancellationToken cancellationToken)
    {
        var rows = new SortedList<long, Row>();
        await foreach (var stored in telemetry.ReadUnitAsync(unit, cancellationToken))
        {
            var batch = TelemetryReader.Decode(stored);
            foreach (var block in batch.Readings.Where(block => Holds(block, unit)))
            {
                var shown = cut.Shown(stored, block).ToList();
                if (shown.Count > 0)
                {
                    var (values, times) = (TelemetryReader.Rows(batch, block, channels), new FrameTimes(block).ToArray());
                    foreach (var i in shown.SelectMany(part => Enumerable.Range(part.From, part.To - part.From)).TakeWhile(i => (long)block.FirstFrame + i <= lastFrame))
                    {
                        rows.TryAdd((long)block.FirstFrame + i, new(values.AsMemory(i * channels.Count, channels.Count), DateTimeOffset.FromUnixTimeMilliseconds(times[i])));
                    }
                }
            }
        }

        return rows;
    }

    private static bool Holds(Contracts.Telemetry.Readings block, UnitRef unit) =>
        block.Installation == (uint)unit.Installation && block.Asset == unit.Asset.ToString();

    private static long LastBeforeAbyss(SortedList<long, Row> rows)
    {
        var last = rows.Keys[0];
        foreach (var frame in rows.Keys)
        {
            if (frame - last > LongestHole)
            {
                break;
            }

            last = frame;
        }

        return last;
    }

    private static float[] Fill(SortedList<long, Row> rows, long last, int channels)
    {
        var first = rows.Keys[0];
        var values = new float[checked((int)((last - first + 1) * channels))];
        Array.Fill(values, float.NaN);
        foreach (var (frame, row) in rows.TakeWhile(row => row.Key <= last))
        {
            row.Values.Span.CopyTo(values.AsSpan((int)((frame - first) * channels)));
        }

        return values;
    }

    private readonly record struct Row(ReadOnlyMemory<float> Values, DateTimeOffset At);
}

/// <param name="LastTime">Device time of the last frame.</param>
internal sealed record RecordedUnit(UnitHistory History, DateTimeOffset LastTime);
