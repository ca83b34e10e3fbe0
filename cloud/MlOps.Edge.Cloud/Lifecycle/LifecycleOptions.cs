using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>When a model is trained again. Section <c>Lifecycle</c>.</summary>
public sealed class LifecycleOptions
{
    public const string Section = "Lifecycle";

    /// <summary>
    /// Failures since the fleet's verdict that a retraining waits for, where the order names none: the first to fail are the short
    /// lives, and a model of those alone would be wrong about the rest. Default: 20.
    /// </summary>
    [Range(1, 100_000)]
    public int Cohort { get; set; } = 20;

    /// <summary>
    /// New failures that must come before another try when a version was not blessed or its rollout was reverted, as a multiple of the
    /// cohort: the same labels would only fail again. Default: 1.
    /// </summary>
    [Range(0.1, 100)]
    public double CoolDownCohorts { get; set; } = 1;
}

[OptionsValidator]
internal sealed partial class LifecycleOptionsValidator : IValidateOptions<LifecycleOptions>;
