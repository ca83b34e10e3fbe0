using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class ExpectationsTests
{
    private static readonly DriftFigures FleetVerdict = new(300, 1, "drift", "fleet", ["flow"], [], "rank-shift", "");

    public static TheoryData<string> Changes => ["new-fault", "bad-retrain", "one-device", "none"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_run_that_went_as_it_should_meets_every_line(string change)
    {
        var lines = Expectations.Of(Reports.Of(change));
        Assert.All(lines, line => Assert.True(line.Met, line.What));
        Assert.All(lines, line => Assert.NotEmpty(line.Seen));
    }

    /// <summary>What goes wrong, and a word of the one line that must not be met then.</summary>
    public static TheoryData<string, string, string> Failures => new()
    {
        { "new-fault", "lost", "no reading is lost" },
        { "none", "twice", "no reading is lost" },
        { "none", "unexpected", "no reading is lost" },
        { "none", "false alarm", "nothing is called drift" },
        { "one-device", "v1 aborted", "version 1 is trained" },
        { "new-fault", "no verdict", "drift is found after the change" },
        { "bad-retrain", "no verdict", "drift is found after the change" },
        { "new-fault", "v2 kept out", "version 2 passes the gate" },
        { "new-fault", "v2 aborted", "version 2 is rolled out" },
        { "new-fault", "by chance", "the field error falls" },
        { "new-fault", "worse", "the field error falls" },
        { "new-fault", "a little", "the field error falls" },
        { "bad-retrain", "v2 finished", "no model taught wrong labels is in charge" },
        { "bad-retrain", "v2 blessed", "kept out by the gate" },
        { "one-device", "no verdict", "the device and its channel are named" },
        { "one-device", "healed", "and the verdict stands" },
        { "one-device", "fleet verdict", "the fleet is not called drifted" },
        { "none", "fleet verdict", "the fleet is not called drifted" },
        { "one-device", "retrained", "nothing is trained again" },
        { "none", "retrained", "nothing is trained again" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void What_goes_wrong_breaks_the_line_that_is_about_it(string change, string wrong, string line)
    {
        var report = Reports.Of(change);
        report = wrong switch
        {
            "lost" => report with { Readings = report.Readings with { Lost = 1 } },
            "twice" => report with { Readings = report.Readings with { Duplicates = 1 } },
            "unexpected" => report with { Readings = report.Readings with { Unexpected = 1 } },
            "false alarm" => report with { FalseAlarms = 1 },
            "v1 aborted" => report with { Rollouts = [Reports.Rollout(1, "aborted")] },
            "no verdict" => report with { Drift = [], DetectionDelayCycles = null },
            "v2 kept out" => report with { Models = [Reports.Model(1, true), Reports.Model(2, false)] },
            "v2 aborted" => report with { Rollouts = [Reports.Rollout(1, "finished"), Reports.Rollout(2, "aborted")] },
            "by chance" => report with { FieldRmse = Figures(report, v2: 20, ratio: 1.05) },
            "worse" => report with { FieldRmse = Figures(report, v2: 31, ratio: 0.9) },
            "a little" => report with { FieldRmse = Figures(report, v2: 26, ratio: 0.9) },
            "v2 finished" => report with { Rollouts = [Reports.Rollout(1, "finished"), Reports.Rollout(2, "finished")] },
            "v2 blessed" => report with { Models = [Reports.Model(1, true), Reports.Model(2, true)] },
            "fleet verdict" => report with { Drift = [.. report.Drift, FleetVerdict] },
            "healed" => report with { Drift = [.. report.Drift, report.Drift[0] with { Verdict = "no-drift", Cause = "none" }] },
            "retrained" => report with { Models = [Reports.Model(1, true), Reports.Model(2, false)] },
            _ => throw new ArgumentOutOfRangeException(nameof(wrong), wrong, "no such failure"),
        };
        Assert.Contains(Expectations.Of(report), e => !e.Met && e.What.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_there_is_no_second_version_the_line_about_the_error_says_so()
    {
        var report = Reports.Of("new-fault") with { FieldRmse = new() { V1Before = 12 } };
        Assert.Equal("nothing to compare: no second model was trained", Error(report with { Models = [Reports.Model(1, true)] }));
        Assert.Equal("nothing to compare: no second model was registered", Error(report with { Models = [Reports.Model(1, true), Reports.Model(2, false)] }));
        Assert.StartsWith("nothing to compare: no unit failed after the change", Error(report), StringComparison.Ordinal);

        static string Error(ReportDocument report)
        {
            var line = Expectations.Of(report).Single(e => e.What.Contains("the field error falls", StringComparison.Ordinal));
            Assert.False(line.Met);
            return line.Seen;
        }
    }

    private static FieldRmse Figures(ReportDocument report, double v2, double ratio) =>
        new() { V1AfterChange = report.FieldRmse.V1AfterChange, V2AfterChange = v2, RatioUpper90 = ratio, Units = 40, Windows = 4000 };
}
