using System.Globalization;

namespace MlOps.Edge.Host.Reporting;

/// <summary>What each story has to show, held against what it did show.</summary>
internal static class Expectations
{
    public static IReadOnlyList<Expectation> Of(ReportDocument report) =>
    [
        new("no reading is lost, none is stored twice, and none that was never taken", report.Readings is { Lost: 0, Duplicates: 0, Unexpected: 0 },
            Text($"{report.Readings.Lost} lost, {report.Readings.Duplicates} twice, {report.Readings.Unexpected} never taken, of {report.Readings.Produced}")),
        new("version 1 is trained, blessed, registered, and rolled out wave by wave", report.Models is [{ Blessed: true, Version: 1 }, ..] && Finished(report, 1), Outcome(report, 1)),
        new("nothing is called drift that nothing in the world explains", report.FalseAlarms == 0, Text($"{report.FalseAlarms} in {report.QuietDeviceCycles} quiet device cycles")),
        .. report.Change switch
        {
            "new-fault" => NewFault(report),
            "one-device" => OneDevice(report),
            "bad-retrain" => BadRetrain(report),
            _ => Quiet(report),
        },
    ];

    /// <summary>A loop that closed has brought the field error down by a fifth at least.</summary>
    private const double MostOfError = 0.8;

    private static IEnumerable<Expectation> NewFault(ReportDocument report)
    {
        var rmse = report.FieldRmse;
        yield return Fleet(report);
        yield return new("version 2 passes the gate against version 1 on the same held-out units", report.Models.Any(m => m is { Version: 2, Blessed: true }), Judged(report));
        yield return new("version 2 is rolled out wave by wave", Finished(report, 2), Outcome(report, 2));
        yield return new("the field error falls by a fifth or more on the same windows, beyond chance", rmse.V2AfterChange <= MostOfError * rmse.V1AfterChange && rmse.RatioUpper90 < 1, Fallen(report));
    }

    private static string Fallen(ReportDocument report) => (report.FieldRmse, report.Models.Skip(1).Any(), report.Models.Any(m => m.Version == 2)) switch
    {
        (_, false, _) => "nothing to compare: no second model was trained",
        (_, _, false) => "nothing to compare: no second model was registered",
        ({ V1AfterChange: null } or { V2AfterChange: null }, _, _) => "nothing to compare: no unit failed after the change of which both versions had said enough",
        ({ RatioUpper90: null } rmse, _, _) => Text($"{rmse.V1AfterChange:F1} -> {rmse.V2AfterChange:F1} cycles, but on too few units for a limit of the ratio: {rmse.Units}"),
        ({ } rmse, _, _) => Text($"{rmse.V1AfterChange:F1} -> {rmse.V2AfterChange:F1} cycles over {rmse.Units} units, upper 90 % limit of the ratio {rmse.RatioUpper90:F2}"),
    };

    private static IEnumerable<Expectation> BadRetrain(ReportDocument report)
    {
        yield return Fleet(report);
        yield return new("a model taught wrong labels is kept out by the gate, or reverted by a wave",
            report.Models.Skip(1).Any(m => !m.Blessed) || report.Rollouts.Any(r => r.Version > 1 && r.Outcome == "aborted"),
            Judged(report));
        yield return new("no model taught wrong labels is in charge at the end", report.Rollouts.All(r => r.Version == 1 || r.Outcome != "finished"), Outcome(report, 2));
    }

    private static IEnumerable<Expectation> OneDevice(ReportDocument report)
    {
        yield return new("the device and its channel are named", report.DetectionDelayCycles is not null, Text($"{Seen(report, "device")}"));
        yield return new("and the verdict stands, as nobody repairs the sensor", LastOfDevice(report)?.Verdict == "drift", LastOfDevice(report) is { } last ? Text($"cycle {last.Cycle}: {last.Verdict}, {last.Evidence}") : "no such verdict");
        yield return NoVerdictOnFleet(report);
        yield return NoSecondModel(report);
    }

    private static IEnumerable<Expectation> Quiet(ReportDocument report)
    {
        yield return NoVerdictOnFleet(report);
        yield return NoSecondModel(report);
    }

    private static Expectation Fleet(ReportDocument report) =>
        new("drift is found after the change, and the fleet is its cause", report.DetectionDelayCycles >= 0, Text($"{Seen(report, "fleet")}"));

    private static DriftFigures? LastOfDevice(ReportDocument report) => report.Drift.FirstOrDefault(d => d is { Verdict: "drift", Cause: "device" }) is { } named
        ? report.Drift.Last(d => d.Devices.SequenceEqual(named.Devices))
        : null;

    private static Expectation NoVerdictOnFleet(ReportDocument report) =>
        new("the fleet is not called drifted", !report.Drift.Any(d => d is { Verdict: "drift", Cause: "fleet" }), Seen(report, "fleet"));

    private static Expectation NoSecondModel(ReportDocument report) =>
        new("nothing is trained again", report.Models.Count == 1, Text($"{report.Models.Count} training run{(report.Models.Count == 1 ? "" : "s")}"));

    private static bool Finished(ReportDocument report, int version) => report.Rollouts.Any(r => r.Version == version && r.Outcome == "finished");

    private static string Outcome(ReportDocument report, int version) => report.Rollouts.LastOrDefault(r => r.Version == version) is { } rollout
        ? Text($"{rollout.Id} {rollout.Outcome} after {rollout.Waves.Count(w => w.Passed)} of {rollout.Waves.Count} waves")
        : "it was not rolled out";

    private static string Judged(ReportDocument report) => report.Models.Skip(1).FirstOrDefault() is { } second
        ? Text($"{(second.Blessed ? "blessed" : "kept out")}: RMSE {second.JudgedRmse:F1} cycles on its held-out units, {second.ChampionRmse:F1} for v1 on the same")
        : "no second model was trained";

    private static string Seen(ReportDocument report, string cause) => report.Drift.FirstOrDefault(d => d.Verdict == "drift" && d.Cause == cause) is { } drift
        ? Text($"cycle {drift.Cycle}: {string.Join(", ", drift.Channels)} on {(drift.Devices.Count == 1 ? drift.Devices[0] : $"{drift.Devices.Count} devices")} ({drift.Detector})")
        : "no such verdict";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
