using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>Drift score over threshold, channel by time.</summary>
internal static class DriftChart
{
    public static string Draw(ReportSource source)
    {
        if (source.Scores.Count == 0)
        {
            return "<p>There was not enough data for a score.</p>";
        }

        // A score speaks for the time since the one before it; the first one for as long as the second.
        var cycles = source.Scores.Select(s => s.Cycle).Distinct().Order().ToList();
        var first = cycles.Count > 1 ? Math.Max(0, cycles[0] - (cycles[1] - cycles[0])) : cycles[0] - 1;
        var since = cycles.Zip(cycles.Prepend(first)).ToDictionary(c => c.First, c => c.Second);
        var rows = source.Scores.GroupBy(s => s.Channel).OrderByDescending(g => g.Max(s => s.Score)).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).ToList();
        return HeatMap.Draw("Drift score by channel and time", "cycle", rows, (0, source.Report.Cycles),
            source.Scores.Select(s => (s.Channel, (double)since[s.Cycle], (double)s.Cycle, s.Score)),
            Timeline.Moments(source.Report).Where(m => m.Css is "change" or "drift").Select(m => ((double)m.Cycle, m.Css == "change" ? "" : m.Text, m.Css)));
    }
}
