using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift.Detectors;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>How closely a fleet is watched, and how often a quiet one may be called drifted. Section <c>Drift</c>.</summary>
public sealed class DriftOptions
{
    public const string Section = "Drift";

    /// <summary>
    /// Which shift detectors look at the sketches, by name; the budget for shifts is shared evenly among them.
    /// Default (when the list is empty): rank-shift and jensen-shannon.
    /// </summary>
    public IList<string> Detectors { get; } = [];

    /// <summary>
    /// The false-alarm budget: the expected number of wrong verdicts per 100,000 device-cycles, over all channels,
    /// detectors and looks together. Range: 0.001 to 10. Default: 0.2, one wrong verdict in 20 devices × 25,000 cycles.
    /// </summary>
    [Range(0.001, 10)]
    public double FalseVerdictsPer100KDeviceCycles { get; set; } = 0.2;

    /// <summary>
    /// How long one model version is expected to be watched, in cycles (sample intervals): thresholds hold the budget over
    /// this long. Range: 100 to 100,000. Default: 1,200.
    /// </summary>
    [Range(100, 100_000)]
    public int HorizonCycles { get; set; } = 1200;

    /// <summary>The budget's share for shifts that the sketches show. Range: above 0, below 1. Default: 0.6.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double ShiftShare { get; set; } = 0.6;

    /// <summary>The budget's share for field error; what the two leave is for device faults. Range: above 0, below 1. Default: 0.2.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double FieldErrorShare { get; set; } = 0.2;

    /// <summary>Units in service below which the fleet's verdict is insufficient-data. Range: 3 to 10,000. Default: 8.</summary>
    [Range(3, 10_000)]
    public int MinimumUnits { get; set; } = 8;

    /// <summary>Failed units that field error needs before it may speak. Range: 3 to 10,000. Default: 5.</summary>
    [Range(3, 10_000)]
    public int MinimumFinishedUnits { get; set; } = 5;

    /// <summary>Simulated quiet fleets behind each threshold. Range: 100 to 100,000. Default: 600.</summary>
    [Range(100, 100_000)]
    public int QuietFleets { get; set; } = 600;

    /// <summary>The detectors by name, the default ones when none is named.</summary>
    public IReadOnlyList<string> DetectorNames =>
        Detectors.Count > 0 ? [.. Detectors] : [DriftDetectors.RankShift, DriftDetectors.JensenShannon];

    /// <summary>How many wrong verdicts may be expected of so many devices over the horizon, all detectors together.</summary>
    public double ExpectedFalseVerdicts(int devices) => FalseVerdictsPer100KDeviceCycles * devices * HorizonCycles / 100_000;
}

// The generator writes the data-annotation checks: no reflection, so it survives trimming.
[OptionsValidator]
internal sealed partial class DriftOptionsValidator : IValidateOptions<DriftOptions>;

internal sealed class DriftDetectorsMustExist(IEnumerable<IDriftDetector> detectors) : IValidateOptions<DriftOptions>
{
    public ValidateOptionsResult Validate(string? name, DriftOptions options)
    {
        if (options.ShiftShare + options.FieldErrorShare >= 1)
        {
            return ValidateOptionsResult.Fail("Drift:ShiftShare and Drift:FieldErrorShare must leave a part of the budget for device faults: their sum must be below 1.");
        }

        var unknown = options.DetectorNames.FirstOrDefault(n => detectors.All(d => d.Name != n));
        return unknown is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Drift:Detectors names '{unknown}', which is not one of: {string.Join(", ", detectors.Select(d => d.Name))}.");
    }
}
