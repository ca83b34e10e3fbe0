using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Cloud.Rollouts;

internal enum DeviceStanding
{
    /// <summary>At work on it: to be waited for.</summary>
    Settling,
    Succeeded,
    Failed,

    /// <summary>Out of sight: neither good nor bad.</summary>
    Unknown,
}

/// <summary>How one device stands in a wave: a formula over what it said, when it was heard, and what it was told.</summary>
/// <param name="Reason">In plain words, for everything but success.</param>
internal readonly record struct DeviceOutcome(DeviceStanding Standing, string Reason)
{
    private const string ActiveRole = "active";
    private const string ShadowRole = "shadow";

    /// <param name="touched">What the rollout told it, and under which desired epoch.</param>
    /// <param name="seen">The fleet's line about it; null: none.</param>
    /// <param name="heard">When any device was last heard: the clock that saw this one, so that silence never compares two clocks.</param>
    /// <param name="silentAfter">Not heard of for longer than this is unknown.</param>
    public static DeviceOutcome Of(TouchedDevice touched, DeviceSummary? seen, string model, int version, DateTimeOffset? heard, TimeSpan silentAfter)
    {
        if (touched.Quarantine is { } quarantine)
        {
            return new(DeviceStanding.Failed, quarantine);
        }

        if (seen is null)
        {
            return new(DeviceStanding.Unknown, "the fleet does not list it");
        }

        // What a device said counts even if it has left since: a refusal stays a refusal.
        var role = touched.Mode == WaveMode.Shadow ? ShadowRole : ActiveRole;
        var deployment = touched.Epoch == 0 ? null : seen.Deployments.FirstOrDefault(d =>
            d.Role == role && d.Model == model && d.Version == version && d.Epoch >= touched.Epoch);
        if (deployment is { State: DeploymentState.Failed or DeploymentState.RolledBack or DeploymentState.Rejected or DeploymentState.TimedOut or DeploymentState.Cancelled })
        {
            return new(DeviceStanding.Failed, $"{Word(deployment.State)}: {deployment.Reason ?? "no reason given"}");
        }

        if (!seen.Online)
        {
            return new(DeviceStanding.Unknown, "offline");
        }

        if (seen.LastSeen is not { } last || last + silentAfter < heard)
        {
            return new(DeviceStanding.Unknown, "silent");
        }

        var slot = touched.Mode == WaveMode.Shadow ? seen.Shadow : seen.Active;
        var runs = slot is { } running && running.Model == model && running.Version == version;
        var proved = deployment is null or { State: DeploymentState.Succeeded } or { State: DeploymentState.Shadow };
        if (touched.Epoch > 0 && seen.ReportedEpoch >= touched.Epoch && runs && proved)
        {
            return new(DeviceStanding.Succeeded, "");
        }

        return new(DeviceStanding.Settling, deployment is null ? "has not begun" : Word(deployment.State));
    }

    private static string Word(DeploymentState state) => state switch
    {
        DeploymentState.RolledBack => "rolled back",
        DeploymentState.TimedOut => "timed out",
        _ => state.ToString().ToLowerInvariant(),
    };
}

/// <summary>A wave's devices, counted.</summary>
internal sealed record WaveTally(int Succeeded, int Failed, int Unknown, int Settling, string[] FailedDevices, string[] FailureReasons)
{
    public int Total => Succeeded + Failed + Unknown + Settling;

    public static WaveTally Of(IEnumerable<(string Device, DeviceOutcome Outcome)> devices)
    {
        var all = devices.ToList();
        var failed = all.Where(d => d.Outcome.Standing == DeviceStanding.Failed).ToList();
        return new(
            all.Count(d => d.Outcome.Standing == DeviceStanding.Succeeded), failed.Count,
            all.Count(d => d.Outcome.Standing == DeviceStanding.Unknown), all.Count(d => d.Outcome.Standing == DeviceStanding.Settling),
            [.. failed.Select(d => d.Device)], [.. failed.Select(d => d.Outcome.Reason)]);
    }

    /// <summary>Those that did not settle in time are as good as out of sight.</summary>
    public WaveTally AtDeadline() => this with { Unknown = Unknown + Settling, Settling = 0 };
}
