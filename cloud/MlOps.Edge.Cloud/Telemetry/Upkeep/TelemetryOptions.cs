using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Telemetry.Upkeep;

/// <summary>How telemetry is kept. Section <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>How often rollups take in what has come; until then queries compute it from the readings. Default: a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RollUpEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long small blocks stay as they came before they become larger ones. Default: 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan CompactAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long readings, predictions and sketches are kept, from when the cloud stored them. Default: 400 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan KeepReadings { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How large the store may be, in bytes; beyond it the oldest go. Default: 100 GiB.</summary>
    [Range(16L * 1024 * 1024, long.MaxValue)]
    public long MaxBytes { get; set; } = 100L * 1024 * 1024 * 1024;

    /// <summary>How long rollups by the minute are kept. Default: 3 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan KeepMinutes { get; set; } = TimeSpan.FromDays(3 * 365);

    /// <summary>How long rollups by the hour are kept. Default: 30 years.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "36500.00:00:00")]
    public TimeSpan KeepHours { get; set; } = TimeSpan.FromDays(30 * 365);
}

[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
