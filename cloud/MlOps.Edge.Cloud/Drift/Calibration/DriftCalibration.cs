using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>How many devices are watched for how long: what a false-alarm budget is spent over.</summary>
internal sealed record FleetShape(int Devices, int HorizonCycles)
{
    /// <summary>Whether a calibration for this shape serves a fleet of so many devices: within a quarter either way.</summary>
    public bool Suits(int devices) => devices * 4 >= Devices * 3 && devices * 4 <= Devices * 5;
}

/// <summary>One detector's measure: a channel's shift divided by its scale is comparable over channels, and compared with the limits.</summary>
/// <param name="Detector">The detector's name.</param>
/// <param name="Scales">By channel: the median over quiet fleets of the largest shift in a whole horizon.</param>
/// <param name="Limit">Exceeded over the horizon, in any channel at any look, with the probability that the budget allows.</param>
/// <param name="Warning">The same at ten times the budget (at most every other horizon): possible drift.</param>
internal sealed record DetectorCalibration(string Detector, double[] Scales, double Limit, double Warning);

/// <summary>Thresholds of one reference for one shape of fleet, found by resampling whole quiet units. See <see cref="QuietFleets"/>.</summary>
internal sealed record DriftCalibration(FleetShape Shape, double ExpectedFalseVerdicts, DetectorCalibration[] Detectors)
{
    public string ToJson() => JsonSerializer.Serialize(this, CalibrationJson.Default.DriftCalibration);

    /// <exception cref="FormatException">The text is not a calibration.</exception>
    public static DriftCalibration FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CalibrationJson.Default.DriftCalibration)
                ?? throw new FormatException("The drift calibration is empty.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The drift calibration is not readable: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DriftCalibration))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
