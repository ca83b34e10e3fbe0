using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public sealed class QueryTimeTests
{
    [Theory]
    [InlineData("now", TimeAnchor.Now, 0)]
    [InlineData("-1h", TimeAnchor.Now, -3600)]
    [InlineData("now-1.5m", TimeAnchor.Now, -90)]
    [InlineData("now+2d", TimeAnchor.Now, 172800)]
    [InlineData("last", TimeAnchor.Last, 0)]
    [InlineData("last-30s", TimeAnchor.Last, -30)]
    [InlineData("1970-01-02T00:00:00Z", TimeAnchor.Absolute, 86400)]
    [InlineData("1970-01-02", TimeAnchor.Absolute, 86400)]
    [InlineData("1970-01-02 00:00:10", TimeAnchor.Absolute, 86410)]
    [InlineData("1970-01-02T02:00:00+02:00", TimeAnchor.Absolute, 86400)]
    [InlineData("1970-01-02T02:00:00 02:00", TimeAnchor.Absolute, 86400)]
    public void A_time_is_absolute_or_counts_from_the_clock_or_the_newest_reading(string text, TimeAnchor anchor, double seconds) =>
        Assert.Equal(new QueryTime(anchor, TimeSpan.FromSeconds(seconds)), QueryTime.Parse(text));

    [Theory]
    [InlineData("0001-01-01")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("1970-01-01T00:30:00+01:00")]
    public void A_time_before_any_reading_is_told_apart(string text) => Assert.Equal(
        $"'{text}' is before 1970-01-01T00:00:00Z, the first time that a reading can have.", Assert.Throws<FormatException>(() => QueryTime.Parse(text)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("1h")]
    [InlineData("now1h")]
    [InlineData("-1w")]
    [InlineData("--1h")]
    [InlineData("-1e9d")]
    [InlineData("-99999999999d")]
    public void What_is_no_time_is_told(string text) =>
        Assert.Contains("is not a time (2026-11-23T06:30:00Z, now, last", Assert.Throws<FormatException>(() => QueryTime.Parse(text)).Message, StringComparison.Ordinal);
}
