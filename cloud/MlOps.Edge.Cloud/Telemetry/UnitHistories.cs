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
    /// <param name="watermark">Frames and maintenance events after this device time are not seen.</param>
    /// <returns>Null where nothing of the unit is stored up to the watermark.</returns>
    public async Task<UnitHistory?> ReadAsync(UnitRef unit, IReadOnlyList<string> channels, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        var end = (await maintenance.ListAsync(unit.Asset, cancellationToken))
            .Select(recorded => recorded.Event)
            .FirstOrDefault(e => e.Installation == unit.Installation && MaintenanceRules.Ends(e.Kind) && e.At <= watermark);
        var rows = await ReadRowsAsync(unit, channels, watermark, end?.Frame ?? long.MaxValue, cancellationToken);
        return rows.Count == 0 ? null : new UnitHistory
        {
            Unit = unit.ToString(),
            FirstFrame = rows.Keys[0],
            Channels = channels.Count,
            Values = Fill(rows, channels.Count),
            End = end?.Kind switch
            {
                null => UnitEnd.Running,
                MaintenanceKind.Failure => UnitEnd.Failed,
                _ => UnitEnd.Censored,
            },
        };
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

    private async Task<SortedList<long, ReadOnlyMemory<float>>> ReadRowsAsync(
        UnitRef unit, IReadOnlyList<string> channels, DateTimeOffset watermark, long lastFrame, CancellationToken cancellationToken)
    {
        var rows = new SortedList<long, ReadOnlyMemory<float>>();
        await foreach (var stored in telemetry.ReadUnitAsync(unit, cancellationToken))
        {
            foreach (var block in TelemetryReader.Decode(stored).Readings.Where(block => Holds(block, unit)))
            {
                var values = TelemetryReader.Rows(block, channels);
                var frames = new FrameTimes(block).CountThrough(watermark);
                for (var i = 0; i < frames && (long)block.FirstFrame + i <= lastFrame; i++)
                {
                    rows.TryAdd((long)block.FirstFrame + i, values.AsMemory(i * channels.Count, channels.Count));
                }
            }
        }

        return rows;
    }

    private static bool Holds(Contracts.Telemetry.Readings block, UnitRef unit) =>
        block.Installation == (uint)unit.Installation && block.Asset == unit.Asset.ToString();

    private static float[] Fill(SortedList<long, ReadOnlyMemory<float>> rows, int channels)
    {
        var (first, last) = (rows.Keys[0], rows.Keys[0]);
        foreach (var frame in rows.Keys)
        {
            if (frame - last > LongestHole)
            {
                break;
            }

            last = frame;
        }

        var values = new float[checked((int)((last - first + 1) * channels))];
        Array.Fill(values, float.NaN);
        foreach (var (frame, row) in rows.TakeWhile(row => row.Key <= last))
        {
            row.Span.CopyTo(values.AsSpan((int)((frame - first) * channels)));
        }

        return values;
    }
}
