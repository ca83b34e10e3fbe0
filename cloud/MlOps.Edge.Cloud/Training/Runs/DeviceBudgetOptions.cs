using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>What a finished version may ask of a device, written into its manifest. Section <c>Training:Budget</c>.</summary>
public sealed class DeviceBudgetOptions
{
    public const string Section = "Training:Budget";

    /// <summary>The most that one window may take on a device, median, in milliseconds. Default: 20.</summary>
    [Range(0.01, 60_000)]
    public double LatencyMs { get; set; } = 20;

    /// <summary>The most that loading the model may add to the agent, in bytes. Default: 128 MiB.</summary>
    [Range(1 << 20, 1L << 40)]
    public long MemoryBytes { get; set; } = 128 << 20;
}

[OptionsValidator]
internal sealed partial class DeviceBudgetOptionsValidator : IValidateOptions<DeviceBudgetOptions>;
