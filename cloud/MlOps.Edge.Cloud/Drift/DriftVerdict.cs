using MlOps.Edge.Cloud.Drift.Faults;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>How far one channel moved, or how bad the field error became, against its limit: 1 is at it. Signed by direction.</summary>
/// <param name="Channel">Null for field error, which is of no one channel.</param>
internal sealed record ShiftScore(string Detector, string? Channel, double Score);

/// <summary>What the drift room says at one watermark.</summary>
internal sealed record DriftVerdict
{
    /// <summary>Up to where all devices' evidence was taken into account, in ticks.</summary>
    public required long Watermark { get; init; }

    public required DriftVerdictKind Level { get; init; }

    public required DriftCause Cause { get; init; }

    /// <summary>The detector behind the level: a shift detector's name, <c>field-error</c> or <c>device-fault</c>; null without drift.</summary>
    public string? Detector { get; init; }

    /// <summary>The channels behind the level, the strongest first.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>The devices behind the level.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Each detector's score of each channel, whatever the level: what a chart of drift over time shows.</summary>
    public required IReadOnlyList<ShiftScore> Scores { get; init; }

    /// <summary>Sensor faults that stand at present, whatever the level.</summary>
    public required IReadOnlyList<DeviceFault> Faults { get; init; }

    /// <summary>Units in service that could be compared.</summary>
    public required int Units { get; init; }

    /// <summary>Sentences for people.</summary>
    public required IReadOnlyList<string> Evidence { get; init; }

    /// <summary>The false-alarm budget that the limits hold, in words.</summary>
    public required string Budget { get; init; }
}
