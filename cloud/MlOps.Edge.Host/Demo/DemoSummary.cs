using System.Globalization;
using MlOps.Edge.Host.Reporting;
using Spectre.Console;

namespace MlOps.Edge.Host.Demo;

/// <summary>The table at the end.</summary>
internal static class DemoSummary
{
    public static void Print(ReportDocument report, string folder)
    {
        var models = new Table().RoundedBorder().AddColumns("model", "units", "judged RMSE", "field RMSE", "90 % covers", "width", "gate");
        foreach (var model in report.Models)
        {
            models.AddRow(
                model.Version is { } v ? $"v{v}" : "kept out", $"{model.Units}", Show(model.JudgedRmse), Show(model.FieldRmse),
                model.FieldCoverage90?.ToString("P0", CultureInfo.InvariantCulture) ?? "–", Show(model.FieldIntervalWidth), model.Blessed ? "[green]blessed[/]" : "[red]not blessed[/]");
        }

        AnsiConsole.Write(models);
        var table = new Table().RoundedBorder().AddColumns("", "expected", "seen");
        foreach (var line in report.Expectations)
        {
            table.AddRow(new Markup(line.Met ? "[green]✓[/]" : "[red]✗[/]"), new Text(line.What), new Text(line.Seen));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"[bold]{report.Outcome}[/] after {report.Seconds:F0} s. Report: {Path.Combine(folder, "report.html")} and report.json");
    }

    private static string Show(double? value) => value?.ToString("F1", CultureInfo.InvariantCulture) ?? "–";
}
