using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>How versions are rolled out, and what a wave must show to pass. Section <c>Rollouts</c>.</summary>
public sealed class RolloutOptions
{
    public const string Section = "Rollouts";

    /// <summary>Cumulative shares of the devices for a model without a champion, each in (0, 1], growing, the last 1. Empty: 10 %, 40 %, 100 %.</summary>
    public double[] FirstModelWaves { get; set; } = [];

    /// <summary>Share of the devices on which a new version predicts beside the champion, and which then are the canary. Default: 0.15.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double CanaryFraction { get; set; } = 0.15;

    /// <summary>Cumulative shares after the canary, each in (0, 1], growing, the last 1. Empty: 50 %, 100 %.</summary>
    public double[] WavesAfterCanary { get; set; } = [];

    /// <summary>
    /// The fewest devices of any wave, unless the fleet has fewer. Fewer say nothing about a fleet: three may hold one that failed and
    /// one that is unknown, and still one that succeeded. Default: 3.
    /// </summary>
    [Range(1, 1000)]
    public int SmallestWave { get; set; } = 3;

    /// <summary>How long a settled wave is watched, in sample intervals of the model. Default: 12.</summary>
    [Range(1, 1_000_000)]
    public int SoakIntervals { get; set; } = 12;

    /// <summary>
    /// How long the devices of a wave may take to settle, in sample intervals; also how much longer than its soak a wave may wait for
    /// evidence that is missing. Default: 30.
    /// </summary>
    [Range(1, 1_000_000)]
    public int DeadlineIntervals { get; set; } = 30;

    /// <summary>The least deadline, however short the interval: a model takes its time over the network and on probation. Default: 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan ShortestDeadline { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// A device not heard of for longer than this before the newest word of any device, in sample intervals, is unknown even if nobody
    /// saw it leave. Default: 10.
    /// </summary>
    [Range(1, 1_000_000)]
    public int SilentIntervals { get; set; } = 10;

    /// <summary>The least silence that counts, however short the interval: the fleet's list is that much behind. Default: 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ShortestSilence { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The share of a wave that may fail. Default: 0.2.</summary>
    [Range(0.0, 1.0)]
    public double MaxFailedFraction { get; set; } = 0.2;

    /// <summary>Failures that a wave may have whatever its size: one odd device must not stop a fleet. Default: 1.</summary>
    [Range(0, 1000)]
    public int ToleratedFailures { get; set; } = 1;

    /// <summary>The share of a wave that may be unknown. Default: 0.3.</summary>
    [Range(0.0, 1.0)]
    public double MaxUnknownFraction { get; set; } = 0.3;

    /// <summary>Unknowns that a wave may have whatever its size. Default: 1.</summary>
    [Range(0, 1000)]
    public int ToleratedUnknown { get; set; } = 1;

    /// <summary>The share of a wave that must have succeeded, and at least one device. Default: 0.3.</summary>
    [Range(0.0, 1.0)]
    public double MinSucceededFraction { get; set; } = 0.3;

    /// <summary>Devices whose predictions are judged, the first ones touched: enough for a verdict, and a bound on the evidence kept. Default: 100.</summary>
    [Range(1, 10_000)]
    public int JudgedDevices { get; set; } = 100;

    /// <summary>Predictions of the new version that a wave needs before its health can be judged. Default: 10.</summary>
    [Range(1, 1_000_000)]
    public int MinPredictions { get; set; } = 10;

    /// <summary>The most that new and old may differ in the mean, as a share of the model's cap. Wide, because a new version is meant to differ. Default: 0.5.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double MaxDisagreement { get; set; } = 0.5;

    /// <summary>The most that the median of (new - old) may be away from 0, as a share of the model's cap. Default: 0.4.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double MaxBias { get; set; } = 0.4;

    /// <summary>How much rougher than the champion a new version may predict, as a factor. Default: 2.</summary>
    [Range(1.0, 100.0)]
    public double MaxRoughnessRatio { get; set; } = 2;

    /// <summary>Roughness, in intervals per step, that is granted on top: two smooth models are not told apart by a factor, and a champion that stays at the cap is as smooth as can be. A model that errs by ten intervals moves by a few a step. Default: 4.</summary>
    [Range(0.0, 1000.0)]
    public double RoughnessSlack { get; set; } = 4;

    /// <summary>Units that must have ended, predicted by both versions, before their field errors are compared. Default: 5.</summary>
    [Range(3, 10_000)]
    public int MinLabelledUnits { get; set; } = 5;

    internal IReadOnlyList<double> FirstModelShares => FirstModelWaves is [] ? [0.1, 0.4, 1] : FirstModelWaves;

    internal IReadOnlyList<double> SharesAfterCanary => WavesAfterCanary is [] ? [0.5, 1] : WavesAfterCanary;

    internal TimeSpan DeadlineAfter(TimeSpan sampleInterval) => DeadlineIntervals * sampleInterval is var deadline && deadline > ShortestDeadline ? deadline : ShortestDeadline;

    internal TimeSpan SilentAfter(TimeSpan sampleInterval) => SilentIntervals * sampleInterval is var silent && silent > ShortestSilence ? silent : ShortestSilence;

    internal int AllowedFailures(int devices) => Math.Max(ToleratedFailures, (int)(MaxFailedFraction * devices));

    internal int AllowedUnknown(int devices) => Math.Max(ToleratedUnknown, (int)(MaxUnknownFraction * devices));

    internal int NeededSuccesses(int devices) => Math.Max(1, (int)Math.Ceiling(MinSucceededFraction * devices));
}

[OptionsValidator]
internal sealed partial class RolloutOptionsValidator : IValidateOptions<RolloutOptions>;

/// <summary>Shares of waves must lead somewhere: each in (0, 1], none smaller than the one before, the last the whole.</summary>
internal sealed class WaveSharesMustGrow : IValidateOptions<RolloutOptions>
{
    public ValidateOptionsResult Validate(string? name, RolloutOptions options)
    {
        List<string> wrong = [];
        Check(nameof(options.FirstModelWaves), options.FirstModelWaves);
        Check(nameof(options.WavesAfterCanary), options.WavesAfterCanary);
        return wrong is [] ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(string setting, double[] shares)
        {
            if (shares is not [] && (shares[^1] != 1 || shares.Any(s => s is not (> 0 and <= 1)) || shares.Zip(shares.Skip(1)).Any(p => p.First >= p.Second)))
            {
                wrong.Add($"{RolloutOptions.Section}:{setting} [{string.Join(", ", shares)}] must grow within (0, 1] and end with 1.");
            }
        }
    }
}
