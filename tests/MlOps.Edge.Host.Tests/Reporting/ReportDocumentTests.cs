using System.Text.Json;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

/// <summary>Whoever reads report.json relies on these names.</summary>
public sealed class ReportDocumentTests
{
    private static JsonElement Written { get; } = JsonElement.Parse(ReportJson.Write(Reports.Of("new-fault")));

    [Fact]
    public void The_report_has_the_documented_names() => Assert.Equal(
        [
            "seed", "source", "change", "change_cycle", "model", "devices", "cycles", "seconds", "readings", "models", "rollouts", "drift", "detection_delay_cycles", "quiet_device_cycles",
            "false_alarms", "false_alarm_budget", "false_alarm_horizon_device_cycles", "field_rmse", "field_coverage_90", "cohort", "score_cohort", "units", "loop_closed", "as_expected", "expectations",
        ],
        Names(Written));

    [Theory]
    [InlineData("readings", "produced stored duplicates lost unexpected repeats")]
    [InlineData("models", "version run digest trainer rows units train_units judge_units judged_rmse champion_rmse field_rmse field_coverage_90 field_interval_width blessed reason")]
    [InlineData("rollouts", "id version waves outcome reason")]
    [InlineData("drift", "cycle version verdict cause channels devices detector evidence")]
    [InlineData("field_rmse", "v1_before v1_after_change v2_after_change ratio_upper_90 units windows")]
    [InlineData("field_coverage_90", "v1_before v1_after_change v2_after_change")]
    [InlineData("units", "train calibrate judge live score origins")]
    public void Its_parts_have_the_documented_names(string part, string names) => Assert.Equal(names.Split(' '), Names(First(Written.GetProperty(part))));

    [Fact]
    public void A_wave_has_the_documented_names() =>
        Assert.Equal(["mode", "size", "succeeded", "failed", "unknown", "passed", "started_cycle", "ended_cycle"], Names(First(First(Written.GetProperty("rollouts")).GetProperty("waves"))));

    [Fact]
    public void It_reads_back_as_it_was_written() => Assert.Equal(
        ReportJson.Write(Reports.Of("bad-retrain")),
        ReportJson.Write(JsonSerializer.Deserialize(ReportJson.Write(Reports.Of("bad-retrain")), ReportJson.Default.ReportDocument)!));

    [Theory]
    [InlineData("new-fault", true, true, "The loop closed")]
    [InlineData("new-fault", false, false, "The loop did not close")]
    [InlineData("none", true, false, "The control ran as expected")]
    [InlineData("one-device", false, false, "The control did not run as expected")]
    public void How_it_went_is_said_in_one_sentence(string change, bool asExpected, bool loopClosed, string outcome) =>
        Assert.Equal(outcome, (Reports.Of(change) with { AsExpected = asExpected, LoopClosed = loopClosed }).Outcome);

    private static JsonElement First(JsonElement part) => part.ValueKind == JsonValueKind.Array ? part[0] : part;

    private static string[] Names(JsonElement part) => [.. part.EnumerateObject().Select(p => p.Name)];
}
