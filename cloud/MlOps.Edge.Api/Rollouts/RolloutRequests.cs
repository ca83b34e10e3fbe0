using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Rollouts;

/// <summary>A version to roll out. Devices are those of the model's machine kind.</summary>
internal sealed record StartRollout
{
    public required string Model { get; init; }
    public required int Version { get; init; }

    /// <summary>Default: the configured waves for the size of the fleet.</summary>
    public WavePlan[] Waves { get; init; } = [];

    /// <summary>Only this group of devices. Default: all.</summary>
    public string? Group { get; init; }

    /// <summary>Why, in plain words.</summary>
    public string Because { get; init; } = "";

    /// <summary>The previous version goes on predicting as shadow. Default: true.</summary>
    public bool KeepPreviousAsShadow { get; init; } = true;

    public (string Field, string Rule)? FirstBroken() => this switch
    {
        _ when !ModelName.TryParse(Model, null, out _) => ("model", $"'{Model}' is not a model name (lower-case letters, digits, '-' and '_', at most 64)"),
        { Version: < 1 } => ("version", "1 or more"),
        _ when Waves.FirstOrDefault(w => w.Fraction is not (> 0 and <= 1)) is not null => ("waves", "each fraction is more than 0 and at most 1"),
        _ when Waves.FirstOrDefault(w => w.Soak < TimeSpan.Zero || w.Deadline < TimeSpan.Zero) is not null => ("waves", "soak and deadline are zero or more"),
        _ => null,
    };

    public RolloutPlan ToPlan(DateTimeOffset startedAt) => new()
    {
        Model = Model,
        Version = Version,
        Waves = Waves,
        Group = Group,
        StartedAt = startedAt,
        Because = Because,
        KeepPreviousAsShadow = KeepPreviousAsShadow,
    };
}

/// <summary>Who stops or moves a rollout, and why: both go into its history.</summary>
internal sealed record RolloutCommand
{
    public required string By { get; init; }
    public required string Reason { get; init; }

    public (string Field, string Rule)? FirstBroken() => this switch
    {
        _ when string.IsNullOrWhiteSpace(By) => ("by", "say who asks for it"),
        _ when string.IsNullOrWhiteSpace(Reason) => ("reason", "say why; it goes into the rollout's history"),
        _ => null,
    };
}
