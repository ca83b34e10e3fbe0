using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>The moments that every picture over time shows.</summary>
internal static class Timeline
{
    public static void Mark(Plot plot, ReportDocument report)
    {
        foreach (var (cycle, text, css, row) in Moments(report))
        {
            plot.Mark(cycle, text, css, row);
        }
    }

    public static IEnumerable<(long Cycle, string Text, string Css, int Row)> Moments(ReportDocument report)
    {
        if (report.ChangeCycle is { } change)
        {
            yield return (change, "the world changes", "change", -1);
        }

        foreach (var drift in report.Drift.Where(d => d.Verdict == "drift").DistinctBy(d => d.Cause))
        {
            yield return (drift.Cycle, $"drift: {drift.Cause}", "drift", 0);
        }

        foreach (var rollout in report.Rollouts.Where(r => r.Version > 1))
        {
            foreach (var (wave, i) in rollout.Waves.Select((w, i) => (w, i)).Where(w => w.w.StartedCycle is not null))
            {
                yield return (wave.StartedCycle!.Value, i == 0 ? $"v{rollout.Version} waves" : "", "wave", 1);
            }
        }
    }
}
