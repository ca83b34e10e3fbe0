using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;

namespace MlOps.Edge.Host.Reporting;

/// <summary><c>report.html</c>: one file, no script, nothing fetched.</summary>
internal static class HtmlReport
{
    public static string Render(ReportSource source)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>The loop, once round</title><style>")
            .Append(Style()).Append("</style></head><body><main>");
        Heading(page, source.Report);
        Figure(page, "One machine to its end", LifeChart.Caption(source), LifeChart.Draw(source));
        Figure(page, "The error in the field", "Each dot is a unit that failed, placed at the cycle of its failure: the error of everything a version had predicted for it. Lines are running means over the last ten units. Truth and prediction are capped alike.", FieldErrorChart.Draw(source));
        Figure(page, "Drift, channel by channel", "Score over threshold at each evaluation. From 1 on, a channel has moved further than quiet fleets of the same ages and sizes do within the false-alarm budget.", DriftChart.Draw(source));
        Figure(page, "Rollouts, wave by wave", "A bar runs from a wave's start to its gate. Its height is split into devices that succeeded, are unknown, and failed.", RolloutChart.Draw(source));
        Models(page, source.Report);
        Verdicts(page, source.Report);
        Expectations(page, source.Report);
        return page.Append("</main></body></html>\n").ToString();
    }

    private static string Style()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void Heading(StringBuilder page, ReportDocument report)
    {
        Add(page, $"<header><h1>{E(report.Outcome)}.</h1><p>{E(report.Model)} on {report.Devices} devices, {report.Cycles} cycles, {E(report.Source)}, change <b>{E(report.Change)}</b>, seed {report.Seed}, {report.Seconds:F0} s of wall time.</p></header><section class=\"tiles\">");
        Tile(page, "field error before the change", Show(report.FieldRmse.V1Before), "cycles, v1");
        Tile(page, "after it, v1 as shadow", Show(report.FieldRmse.V1AfterChange), $"cycles, {report.FieldRmse.Units} units");
        Tile(page, "after it, v2", Show(report.FieldRmse.V2AfterChange), "cycles, the same windows");
        Tile(page, "drift found after", report.DetectionDelayCycles?.ToString(CultureInfo.InvariantCulture) ?? "–", "cycles");
        Tile(page, "false alarms", report.FalseAlarms.ToString(CultureInfo.InvariantCulture), $"in {report.QuietDeviceCycles} quiet device cycles");
        Tile(page, "readings lost", report.Readings.Lost.ToString(CultureInfo.InvariantCulture), $"of {report.Readings.Produced.ToString("N0", CultureInfo.InvariantCulture)}");
        page.Append("</section>");
    }

    private static void Tile(StringBuilder page, string name, string value, string note) =>
        Add(page, $"<div class=\"tile\"><span>{E(name)}</span><b>{E(value)}</b><span>{E(note)}</span></div>");

    private static void Figure(StringBuilder page, string title, string caption, string drawing) =>
        Add(page, $"<section><h2>{E(title)}</h2><figure>{drawing}<figcaption>{E(caption)}</figcaption></figure></section>");

    private static void Models(StringBuilder page, ReportDocument report) => Table(page, "Models",
        ["version", "trainer", "rows", "units", "judged RMSE", "field RMSE", "coverage of 90 %", "width", "gate", "why"],
        report.Models.Select(m => new[]
        {
            m.Version is { } v ? $"v{v}" : "not registered", m.Trainer ?? "", $"{m.Rows}", $"{m.Units}", Show(m.JudgedRmse), Show(m.FieldRmse),
            m.FieldCoverage90?.ToString("P0", CultureInfo.InvariantCulture) ?? "–", Show(m.FieldIntervalWidth), m.Blessed ? "blessed" : "not blessed", m.Reason,
        }));

    private static void Verdicts(StringBuilder page, ReportDocument report) => Table(page, "Verdicts", ["cycle", "verdict", "cause", "channels", "devices", "detector", "evidence"],
        report.Drift.Select(d => new[] { $"{d.Cycle}", d.Verdict, d.Cause, string.Join(", ", d.Channels), d.Devices.Count > 4 ? $"{d.Devices.Count} devices" : string.Join(", ", d.Devices), d.Detector, d.Evidence }));

    private static void Expectations(StringBuilder page, ReportDocument report) => Table(page, "What was expected, and what was seen", ["", "expected", "seen"],
        report.Expectations.Select(e => new[] { e.Met ? "✓" : "✗", e.What, e.Seen }));

    private static void Table(StringBuilder page, string title, string[] head, IEnumerable<string[]> rows)
    {
        Add(page, $"<section><h2>{E(title)}</h2><div class=\"scroll\"><table><thead><tr>");
        foreach (var cell in head)
        {
            Add(page, $"<th>{E(cell)}</th>");
        }

        page.Append("</tr></thead><tbody>");
        foreach (var row in rows)
        {
            page.Append("<tr>");
            foreach (var cell in row)
            {
                Add(page, $"<td>{E(cell)}</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</tbody></table></div></section>");
    }

    private static string Show(double? value) => value?.ToString("F1", CultureInfo.InvariantCulture) ?? "–";

    private static string E(string text) => WebUtility.HtmlEncode(text);

    private static void Add(StringBuilder page, FormattableString text) => page.Append(text.ToString(CultureInfo.InvariantCulture));
}
