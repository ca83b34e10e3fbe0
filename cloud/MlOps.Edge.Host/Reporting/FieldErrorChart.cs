using System.Globalization;
using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>The error of each version on each unit that failed, over the cycle of its failure.</summary>
internal static class FieldErrorChart
{
    private const int Running = 10;

    public static string Draw(ReportSource source)
    {
        var report = source.Report;
        var series = report.Models.Where(m => m.Version is not null).Select(m => (Version: m.Version!.Value, Dots: Dots(source, m.Version!.Value))).Where(s => s.Dots.Count > 0).ToList();
        if (series.Count == 0)
        {
            return "<p>No unit failed in the field.</p>";
        }

        var highest = series.SelectMany(s => s.Dots).Max(d => d.Y);
        var plot = new Plot("Field error over time", "cycle", "RMSE of a unit, cycles", (0, report.Cycles), (0, Math.Min(highest * 1.05, 70)), height: 340, top: 64);
        foreach (var (from, to) in source.Trainings.Where(t => t.To > 0))
        {
            plot.Span(Math.Max(0, from), to, "training", $"training, cycles {from} to {to}");
        }

        Timeline.Mark(plot, report);
        foreach (var (version, dots) in series)
        {
            plot.Dots(dots, $"v{version}").Line(RunningMean(dots), $"v{version}");
        }

        return plot + Legend(series.Select(s => s.Version));
    }

    private static List<(double X, double Y, string Tooltip)> Dots(ReportSource source, int version) =>
    [
        .. source.Field.Units.Where(u => u.Failed)
            .Select(u => (Unit: u, Error: UnitError.Of(u, version, source.Definition.RulCap)))
            .Where(u => u.Error is { Windows: >= 10 })
            .Select(u => (X: (double)source.Calendar.CycleOf(u.Unit.End!.At), Y: Math.Sqrt(u.Error!.MeanSquared), u.Unit))
            .OrderBy(d => d.X).ThenBy(d => d.Unit.Id)
            .Select(d => (d.X, d.Y, string.Create(CultureInfo.InvariantCulture, $"v{version} on {d.Unit.Id}: {d.Y:F1} cycles"))),
    ];

    private static IEnumerable<(double X, double Y)> RunningMean(List<(double X, double Y, string Tooltip)> dots) =>
        dots.Select((d, i) => (d.X, Math.Sqrt(dots.Skip(Math.Max(0, i - Running + 1)).Take(Math.Min(Running, i + 1)).Average(e => e.Y * e.Y))));

    private static string Legend(IEnumerable<int> versions) =>
        $"<p class=\"legend\">{string.Concat(versions.Select(v => $"<span class=\"key v{v}\"></span>v{v} "))}</p>";
}
