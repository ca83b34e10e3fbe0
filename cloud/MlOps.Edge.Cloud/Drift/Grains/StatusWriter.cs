using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Faults;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>Says in the contract's words what the monitor found, and since when.</summary>
internal sealed class StatusWriter(IOptions<DriftOptions> options)
{
    private const string DeviceFaultDetector = "device-fault";

    // A verdict falls where scores are well below their limits, not where one slips under it for a moment: labels are
    // being gathered since it began.
    private const double Falls = 0.8;

    /// <param name="before">What was said last; of another version: nothing was.</param>
    public DriftStatus Write(DriftStatus before, DriftVerdict verdict, DriftCalibration calibration, DateTimeOffset watermark) => before with
    {
        Watermark = watermark,
        Fleet = Since(Fleet(before.Fleet, verdict), before.Fleet, watermark),
        Devices = [.. Devices(verdict.Faults).Select(now => Since(now, before.Devices.FirstOrDefault(d => d.Devices[0] == now.Devices[0]), watermark))],
        Channels = [.. verdict.Scores.Select(s => new ChannelScore(s.Channel ?? "rul", s.Detector, Math.Abs(s.Score), Threshold: 1))],
        FalseAlarmBudget = 1 - Math.Exp(-calibration.ExpectedFalseVerdicts),
        HorizonDeviceCycles = (long)calibration.Shape.Devices * calibration.Shape.HorizonCycles,
    };

    private DriftVerdictView Fleet(DriftVerdictView before, DriftVerdict verdict)
    {
        if (verdict is { Level: DriftVerdictKind.Drift, Cause: DriftCause.Fleet } or { Level: DriftVerdictKind.PossibleDrift } && !Stands(before, verdict))
        {
            return new()
            {
                Verdict = verdict.Level == DriftVerdictKind.Drift ? DriftVerdictKind.Drift : DriftVerdictKind.PossibleDrift,
                Cause = verdict.Cause,
                Detector = verdict.Detector,
                Channels = [.. verdict.Channels],
                Devices = [.. verdict.Devices],
                Evidence = string.Join("; ", verdict.Evidence),
            };
        }

        if (Stands(before, verdict))
        {
            return before;
        }

        // One device's fault is nothing that the fleet did.
        var enough = verdict.Units >= options.Value.MinimumUnits;
        return new()
        {
            Verdict = enough ? DriftVerdictKind.NoDrift : DriftVerdictKind.InsufficientData,
            Evidence = verdict.Cause == DriftCause.Device ? "no channel moved beyond its limit but where a device's sensor is at fault" : string.Join("; ", verdict.Evidence),
        };
    }

    private static bool Stands(DriftVerdictView before, DriftVerdict verdict) =>
        before.Verdict == DriftVerdictKind.Drift
        && verdict is not { Level: DriftVerdictKind.Drift, Cause: DriftCause.Fleet }
        && verdict.Scores.Any(s => Math.Abs(s.Score) >= Falls);

    private static IEnumerable<DriftVerdictView> Devices(IReadOnlyList<DeviceFault> faults) => faults
        .GroupBy(f => f.Device)
        .OrderBy(d => d.Key, StringComparer.Ordinal)
        .Select(device => new DriftVerdictView
        {
            Verdict = DriftVerdictKind.Drift,
            Cause = DriftCause.Device,
            Detector = DeviceFaultDetector,
            Channels = [.. device.Select(f => f.Channel).Distinct().Order(StringComparer.Ordinal)],
            Devices = [device.Key],
            Evidence = string.Join("; ", device.Select(f => f.Evidence)),
        });

    private static DriftVerdictView Since(DriftVerdictView now, DriftVerdictView? before, DateTimeOffset watermark) =>
        now with { Since = before?.Verdict == now.Verdict ? before.Since ?? watermark : watermark };
}
