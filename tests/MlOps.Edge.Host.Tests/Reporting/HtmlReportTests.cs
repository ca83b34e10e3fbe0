using System.Xml.Linq;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class HtmlReportTests
{
    private static async Task<ReportSource> SourceAsync(ReportDocument report, Fields? fields = null) =>
        new(report, Reports.Definition, Fields.Calendar, await (fields ?? new Fields()).LoadAsync(), null, [], [], []);

    [Fact]
    public async Task A_run_without_any_data_is_a_whole_page_that_says_what_is_missing()
    {
        var page = HtmlReport.Render(await SourceAsync(Reports.Of("none") with { Models = [], Rollouts = [] }));
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
        Assert.Contains("No unit failed in the field.", page, StringComparison.Ordinal);
        Assert.Contains("Nothing was rolled out.", page, StringComparison.Ordinal);
        Assert.Contains("There was not enough data for a score.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_from_outside_are_text_and_never_markup()
    {
        const string hostile = "<script>alert('pump & co')</script>";
        var report = Reports.Of("new-fault") with { Source = hostile, Model = hostile, Change = hostile };
        report = report with
        {
            Models = [report.Models[0] with { Reason = hostile }],
            Drift = [report.Drift[0] with { Channels = [hostile], Cause = hostile, Devices = [hostile], Evidence = hostile }],
            Expectations = [new(hostile, true, hostile)],
        };
        var source = await SourceAsync(report) with { Scores = [new(10, hostile, 0.5), new(20, hostile, 1.5)] };
        var page = HtmlReport.Render(source);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_fetched_and_the_pictures_are_well_formed()
    {
        var fields = new Fields().Readings("pump-1#1", 0, 60).Maintenance("pump-1#1", MaintenanceKind.Failure, 60)
            .Predictions("pump-1#1", 1, [.. Enumerable.Range(0, 60).Select(i => ((long)i, 60f - i, 50f - i, 70f - i))]);
        var empty = await SourceAsync(Reports.Of("new-fault"), fields);
        var source = empty with
        {
            Example = empty.Field.Units.Single(),
            Frames = [.. Enumerable.Range(0, 61).Select(i => ((long)i, new[] { i * 0.5f, i == 7 ? float.NaN : 20f }))],
            Scores = [new(100, "flow", 0.4), new(200, "flow", 1.3)],
            Trainings = [(-5, 5), (240, 300)],
        };
        var page = HtmlReport.Render(source);
        Assert.DoesNotContain("http://", page.Replace("http://www.w3.org/", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        var pictures = page.Split("<svg").Skip(1).Select(part => "<svg" + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)]).ToList();
        Assert.True(pictures.Count >= 5, $"{pictures.Count} pictures");
        Assert.All(pictures, picture => Assert.NotNull(XElement.Parse(picture.Replace("&nbsp;", " ", StringComparison.Ordinal))));
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }
}
