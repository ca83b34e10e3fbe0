using System.Globalization;
using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>Waves as lanes.</summary>
internal static class RolloutChart
{
    public static string Draw(ReportSource source)
    {
        var lanes = source.Report.Rollouts.SelectMany(r => r.Waves.Select((w, i) => (r, w, i))).Where(l => l.w.StartedCycle is not null).Select(l => Lane(source.Report, l.r, l.w, l.i)).ToList();
        return lanes.Count == 0 ? "<p>Nothing was rolled out.</p>" : Lanes.Draw("Waves over time", "cycle", (0, source.Report.Cycles), lanes);
    }

    private static (string Name, LaneBar Bar) Lane(ReportDocument report, RolloutFigures rollout, WaveFigures wave, int index)
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{wave.Succeeded} of {wave.Size} succeeded, {wave.Unknown} unknown, {wave.Failed} failed");
        var size = Math.Max(1, wave.Size);
        return ($"v{rollout.Version} wave {index + 1} ({wave.Mode})", new(
            wave.StartedCycle!.Value, wave.EndedCycle ?? report.Cycles, $"{(wave.Passed ? "✓" : "✗")} {counts}", counts,
            [((double)wave.Succeeded / size, "good"), ((double)wave.Unknown / size, "unknown"), ((double)wave.Failed / size, "bad")]));
    }
}
