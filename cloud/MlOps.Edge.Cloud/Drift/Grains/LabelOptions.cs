using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>How failures become labels. Section <c>Drift:Labels</c>.</summary>
public sealed class LabelOptions
{
    public const string Section = "Drift:Labels";

    /// <summary>
    /// How long the score of a failed unit waits for frames that are missing, in sample intervals: its device may be offline.
    /// After that the predictions that did come are scored. Range: 0 to 1,000,000. Default: 500.
    /// </summary>
    [Range(0, 1_000_000)]
    public int LongestWait { get; set; } = 500;
}

[OptionsValidator]
internal sealed partial class LabelOptionsValidator : IValidateOptions<LabelOptions>;
