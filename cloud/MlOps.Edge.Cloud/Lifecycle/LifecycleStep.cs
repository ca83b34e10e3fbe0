using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Training;
using static MlOps.Edge.Cloud.Lifecycle.LifecycleFinding;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>What a lifecycle looks at in one turn.</summary>
/// <param name="Champion">null: none yet.</param>
/// <param name="Run">The newest run; null where none is at work.</param>
/// <param name="Rollout">The rollout under way; null where none is.</param>
/// <param name="Labels">Failures recorded so far of machines of the model's kind.</param>
internal sealed record LifecycleFacts(
    string Model, DateTimeOffset Watermark, int? Champion, DriftStatus Drift, TrainingRunView? Run, RolloutView? Rollout, int Labels);

/// <summary>Decides: (state, facts) → state with the work it owes. Pure; the grain saves the state and then does the work.</summary>
internal static class LifecycleStep
{
    /// <summary>One step; the same <see cref="LifecycleRecord.Step"/> comes back when there is none to take.</summary>
    public static LifecycleRecord Next(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options)
    {
        var (finding, reason) = Find(loop, facts, options);
        if (finding == Wait)
        {
            return loop with { Watermark = facts.Watermark, Reason = reason.Length > 0 ? reason : loop.Reason, Awaits = Awaited(loop, facts) };
        }

        var to = LifecycleTable.Next(loop.State, finding);
        var next = loop with
        {
            State = to,
            Reason = reason,
            Since = facts.Watermark,
            Watermark = facts.Watermark,
            Step = loop.Step + 1,
            Awaits = null,
            Runs = to == LifecycleState.Training ? [.. loop.Runs, RunId(facts.Model, loop.Runs.Length + 1)] : loop.Runs,
            RetryAtLabels = finding switch
            {
                KeptOut or KeptOutFirst or Reverted or RevertedFirst => facts.Labels + CoolDown(loop, options),
                RolledOut or CohortComplete => null,
                _ => loop.RetryAtLabels,
            },
        };
        return next with
        {
            Owed = new()
            {
                Events = [StateChanged(loop, next, facts)],
                Train = to == LifecycleState.Training
                    ? new(facts.Model, facts.Watermark, facts.Champion, loop.Order!.Trainer, loop.Order.Seed, reason, MovedSince(facts.Drift.Fleet), loop.Run)
                    : null,
                RollOutBecause = to == LifecycleState.RollingOut ? reason : null,
            },
        };
    }

    // What is quiet for the next version is what the fleet has been since it moved.
    private static DateTimeOffset? MovedSince(DriftVerdictView fleet) => fleet is { Verdict: DriftVerdictKind.Drift, Cause: DriftCause.Fleet } ? fleet.Since : null;

    /// <summary>Tells of device faults that are new: they are a matter for maintenance and never train a model.</summary>
    public static LifecycleRecord TellFaults(LifecycleRecord loop, LifecycleFacts facts)
    {
        var faults = facts.Drift.Devices.Where(d => d is { Verdict: DriftVerdictKind.Drift, Cause: DriftCause.Device })
            .SelectMany(d => d.Devices.Select(device => (Device: device, Verdict: d, Key: Key(device, d))))
            .OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        var news = faults.Where(f => !loop.ToldFaults.Contains(f.Key)).ToList();
        return news is [] ? loop : loop with
        {
            Step = loop.Step + 1,
            ToldFaults = [.. faults.Select(f => f.Key)],
            Owed = new()
            {
                Events = [.. news.Select(f => new LifecycleEvent($"device-fault/{facts.Model}/{f.Key}", $"device/{f.Device}", EventKinds.DeviceFault, new JsonObject
                {
                    ["model"] = facts.Model,
                    ["device"] = f.Device,
                    ["channels"] = new JsonArray([.. f.Verdict.Channels.Select(c => (JsonNode)JsonValue.Create(c))]),
                    ["evidence"] = f.Verdict.Evidence,
                }.ToJsonString()))],
            },
        };

        static string Key(string device, DriftVerdictView verdict) => string.Create(CultureInfo.InvariantCulture, $"{device}/{string.Join('+', verdict.Channels)}/{verdict.Since:O}");
    }

    /// <summary>Reads the facts.</summary>
    internal static (LifecycleFinding Finding, string Reason) Find(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options) => loop.State switch
    {
        LifecycleState.Idle when loop.Order is null => (Wait, ""),
        LifecycleState.Idle when facts.Champion is { } champion => (Adopted, $"taken into the loop with champion v{champion}"),
        LifecycleState.Idle => (Begun, "taken into the loop: a first version is trained from what is labelled so far"),
        LifecycleState.Training => FindTraining(loop, facts, options),
        LifecycleState.RollingOut => FindRollout(loop, facts, options),
        LifecycleState.Monitoring => FindMonitoring(loop, facts),
        _ => FindGathering(loop, facts, options),
    };

    private static (LifecycleFinding, string) FindTraining(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options)
    {
        if (facts.Watermark < loop.Since + loop.Order!.TrainingTime || facts.Run is not { State: TrainingRunState.Succeeded or TrainingRunState.Failed } run)
        {
            return (Wait, "");
        }

        if (run is { State: TrainingRunState.Succeeded, Blessed: true, Draft: not null })
        {
            return (Blessed, run.Reason);
        }

        var why = run.State == TrainingRunState.Failed ? $"training failed: {run.Error}" : $"not blessed: {run.Reason}";
        return (facts.Champion is null ? KeptOutFirst : KeptOut, $"{run.Run} {why}; {Again(loop, facts, options)}");
    }

    private static (LifecycleFinding, string) FindRollout(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options) => facts.Rollout switch
    {
        { State: RolloutState.Finished } done => (RolledOut, $"v{done.Plan.Version} is champion: {done.Reason}"),
        { State: RolloutState.Aborted } off => (facts.Champion is null ? RevertedFirst : Reverted, $"v{off.Plan.Version} was taken back: {off.Reason}; {Again(loop, facts, options)}"),
        { } under => (Wait, under.Reason),
        null => (Wait, ""),
    };

    private static (LifecycleFinding, string) FindMonitoring(LifecycleRecord loop, LifecycleFacts facts)
    {
        // A verdict on another version than the champion is about a model that no longer counts.
        if (facts.Drift.Version != facts.Champion || facts.Drift.Fleet is not { Verdict: DriftVerdictKind.Drift, Cause: DriftCause.Fleet } moved)
        {
            return (Wait, "");
        }

        return facts.Labels < loop.RetryAtLabels
            ? (Wait, "")
            : (FleetMoved, $"the fleet has moved ({string.Join(", ", moved.Channels)}): {moved.Evidence}");
    }

    private static (LifecycleFinding, string) FindGathering(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options)
    {
        if (facts.Champion is null)
        {
            return facts.Labels < loop.RetryAtLabels
                ? (Wait, "")
                : (CohortComplete, $"{facts.Labels} failures are recorded: a first version is tried again");
        }

        if (facts.Drift.Fleet.Verdict == DriftVerdictKind.NoDrift)
        {
            return (FleetBack, "the fleet is as it was again");
        }

        var (have, need) = (facts.Drift.LabelledSinceVerdict, Cohort(loop, options));
        return have < need || facts.Labels < loop.RetryAtLabels
            ? (Wait, string.Create(CultureInfo.InvariantCulture, $"gathering: {have} of {need} failures since the verdict"))
            : (CohortComplete, string.Create(CultureInfo.InvariantCulture, $"{have} failures since the verdict ({string.Join(", ", facts.Drift.Fleet.Channels)}) are enough to learn from"));
    }

    private static string? Awaited(LifecycleRecord loop, LifecycleFacts facts) =>
        loop is { State: LifecycleState.Training, Order.TrainingTime: var declared } && declared > TimeSpan.Zero && facts.Watermark >= loop.Since + declared ? loop.Run : null;

    private static string Again(LifecycleRecord loop, LifecycleFacts facts, LifecycleOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"tried again when {CoolDown(loop, options)} more failures are recorded, {facts.Labels + CoolDown(loop, options)} in all");

    private static int Cohort(LifecycleRecord loop, LifecycleOptions options) => loop.Order is { Cohort: > 0 and var cohort } ? cohort : options.Cohort;

    private static int CoolDown(LifecycleRecord loop, LifecycleOptions options) => Math.Max(1, (int)Math.Ceiling(options.CoolDownCohorts * Cohort(loop, options)));

    private static string RunId(string model, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{model}-r{ordinal}");

    private static LifecycleEvent StateChanged(LifecycleRecord from, LifecycleRecord to, LifecycleFacts facts) => new(
        string.Create(CultureInfo.InvariantCulture, $"model/{facts.Model}/lifecycle/step-{to.Step}"), $"model/{facts.Model}", EventKinds.LifecycleStateChanged, new JsonObject
        {
            ["from"] = Word(from.State),
            ["to"] = Word(to.State),
            ["reason"] = to.Reason,
            ["run"] = to.Run,
            ["champion"] = facts.Champion,
            ["retryAtLabels"] = to.RetryAtLabels,
        }.ToJsonString());

    private static string Word(LifecycleState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());
}
