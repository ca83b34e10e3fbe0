using System.Text.RegularExpressions;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class LifeChartTests
{
    private const int End = 60;

    [Fact]
    public async Task The_band_is_that_of_the_active_version_though_an_older_one_is_its_shadow()
    {
        var source = await SourceAsync(new Fields()
            .Predictions("pump-1#1", 1, PredictionRole.Shadow, Said(0, End))
            .Predictions("pump-1#1", 2, Said(0, End)));

        var drawing = LifeChart.Draw(source);
        Assert.Equal(["v2"], Of("band", drawing));
        Assert.Equal(["v1", "v2"], Of("line", drawing));
        Assert.Contains("v2 throughout", LifeChart.Caption(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_active_version_changes_in_a_life_the_band_changes_with_it()
    {
        var source = await SourceAsync(new Fields()
            .Predictions("pump-1#1", 1, Said(0, 29)).Predictions("pump-1#1", 1, PredictionRole.Shadow, Said(30, End))
            .Predictions("pump-1#1", 2, PredictionRole.Shadow, Said(10, 29)).Predictions("pump-1#1", 2, Said(30, End)));

        var drawing = LifeChart.Draw(source);
        Assert.Equal(["v1", "v2"], Of("band", drawing));
        Assert.Equal(["v1", "v2"], Of("line", drawing));
        Assert.Contains("v1 to age 29, v2 from age 30", LifeChart.Caption(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_active_version_there_is_no_band_and_the_caption_says_why()
    {
        var source = await SourceAsync(new Fields().Predictions("pump-1#1", 1, PredictionRole.Shadow, Said(0, End)));
        Assert.Empty(Of("band", LifeChart.Draw(source)));
        Assert.Contains("No version was active on the device", LifeChart.Caption(source), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Of(string what, string drawing) => Regex.Matches(drawing, $"class=\"{what} (v[0-9]+)\"").Select(m => m.Groups[1].Value);

    private static (long, float, float, float)[] Said(int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).Select(i => ((long)i, (float)(End - i), (float)(End - i - 10), (float)(End - i + 10)))];

    private static async Task<ReportSource> SourceAsync(Fields fields)
    {
        var field = await fields.Readings("pump-1#1", 0, End).Maintenance("pump-1#1", MaintenanceKind.Failure, End).LoadAsync();
        return new(Reports.Of("new-fault"), Reports.Definition, Fields.Calendar, field, field.Units.Single(), [.. Enumerable.Range(0, End + 1).Select(i => ((long)i, new[] { i * 0.5f, 20f }))], [], []);
    }
}
