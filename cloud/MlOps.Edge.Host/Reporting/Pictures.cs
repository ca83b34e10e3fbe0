using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Host.Reporting;

/// <summary>Gathers what the pictures need beyond the figures.</summary>
internal static class Pictures
{
    public static async Task<ReportSource> PicturesAsync(this ReportBuilder builder, ReportDocument report, ITelemetryStore telemetry, CancellationToken cancellationToken)
    {
        var example = Example(builder, report);
        return new(
            report, builder.Definition, builder.Calendar, builder.Field, example,
            example is null ? [] : await FramesAsync(builder, example, telemetry, cancellationToken),
            builder.Chronicle.Scores,
            [.. builder.Chronicle.Trainings.Select(t => (t.StartedCycle, t.TookEffect ?? report.Cycles))]);
    }

    // A unit that both versions saw for most of its life shows most; else the one with the most predictions.
    private static FieldUnit? Example(ReportBuilder builder, ReportDocument report) => builder.Field.Units
        .Where(u => u.Failed && u.PredictionsOf(1).Count > 0)
        .OrderByDescending(u => report.Units.Score.Contains(u.Id.ToString()))
        .ThenByDescending(u => (double)FieldScores.SharedWindows(u).Count() / u.Frames.Count)
        .ThenByDescending(u => u.PredictionsOf(1).Count).ThenBy(u => u.Id).FirstOrDefault();

    private static async Task<IReadOnlyList<(long Frame, float[] Values)>> FramesAsync(ReportBuilder builder, FieldUnit unit, ITelemetryStore telemetry, CancellationToken cancellationToken)
    {
        string[] channels = [.. builder.Definition.Channels.Select(c => c.Name)];
        var frames = new SortedDictionary<long, float[]>();
        await foreach (var stored in telemetry.ReadUnitAsync(unit.Id, cancellationToken))
        {
            var batch = TelemetryReader.Decode(stored);
            foreach (var readings in batch.Readings.Where(r => r.Asset == unit.Id.Asset.ToString() && r.Installation == unit.Id.Installation))
            {
                foreach (var (i, row) in TelemetryReader.Rows(batch, readings, channels).Chunk(channels.Length).Index())
                {
                    frames.TryAdd((long)readings.FirstFrame + i, row);
                }
            }
        }

        return [.. frames.Select(f => (f.Key, f.Value))];
    }
}
