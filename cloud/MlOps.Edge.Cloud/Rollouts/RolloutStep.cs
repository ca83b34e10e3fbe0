using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts.Gates;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>What a rollout looks at in one turn.</summary>
/// <param name="Gates">Findings on the current wave; empty before its soak is over.</param>
internal sealed record RolloutFacts(DateTimeOffset Watermark, IReadOnlyDictionary<string, DeviceSummary> Fleet, IReadOnlyList<GateFinding> Gates)
{
    /// <summary>The newest word of any device, by the clock that stamps them all.</summary>
    public DateTimeOffset? Heard { get; } = Fleet.Values.Max(d => d.LastSeen);
}

/// <summary>Decides: (state, facts) → state with the work it owes. Pure; the grain saves the state and then does the work.</summary>
internal static class RolloutStep
{
    /// <summary>One step; returns the same record when there is none to take.</summary>
    public static RolloutRecord Next(RolloutRecord rollout, RolloutFacts facts, RolloutOptions options)
    {
        if (rollout.State != RolloutState.Running || rollout.Current is not { } wave)
        {
            return rollout;
        }

        if (rollout.Waves.FirstOrDefault(w => Follows(rollout, w) && w.Failed > options.AllowedFailures(w.Devices.Length)) is { } broken)
        {
            return Fail(rollout, wave, Tally(rollout, wave, facts, options), facts, $"wave {broken.Number}, which had passed, now has {broken.Failed} failed of {broken.Devices.Length} devices");
        }

        var tally = Tally(rollout, wave, facts, options);
        var (finding, reason) = WaveTable.Find(wave, tally, facts.Gates, facts.Watermark, options);
        return (wave.State, WaveTable.Next(wave.State, finding)) switch
        {
            (_, WaveState.Failed) => Fail(rollout, wave, tally, facts, reason),
            (WaveState.Scheduled, WaveState.Running) => Begin(rollout, wave, facts),
            (WaveState.Running, WaveState.Soaking) => rollout.With(wave with { State = WaveState.Soaking, SettledAt = facts.Watermark }) with
            {
                Step = rollout.Step + 1,
                Reason = $"wave {wave.Number} of {rollout.Waves.Length} soaks: {reason}",
            },
            (WaveState.Soaking, WaveState.Passed) => Pass(rollout, wave, tally, facts, reason),
            _ => rollout with { Reason = $"wave {wave.Number} of {rollout.Waves.Length}: {reason}" },
        };
    }

    /// <summary>Stops, and gives every device back what it had.</summary>
    public static RolloutRecord Abort(RolloutRecord rollout, RolloutEvent happened, string reason, RolloutWork? also = null)
    {
        var state = RolloutTable.Next(rollout.State, happened) ?? throw Refused(rollout, "abort");
        return rollout with
        {
            State = state,
            Step = rollout.Step + 1,
            Reason = reason,
            EndedAt = rollout.Watermark,
            Owed = new()
            {
                Assign = [.. rollout.Touched.Select(GiveBack)],
                Aliases = [new(Aliases.Challenger, null, $"rollout {rollout.Id} aborted", OnlyFrom: rollout.Target.Version)],
                Events = [.. also?.Events ?? [], RolloutEvents.StateChanged(rollout, rollout.Step + 1, state, reason)],
                Release = true,
            },
        };
    }

    /// <summary>Pause and resume.</summary>
    public static RolloutRecord Command(RolloutRecord rollout, RolloutEvent happened, string reason)
    {
        var state = RolloutTable.Next(rollout.State, happened) ?? throw Refused(rollout, happened.ToString().ToLowerInvariant());
        return rollout with
        {
            State = state,
            Step = rollout.Step + 1,
            Reason = reason,
            Owed = new() { Events = [RolloutEvents.StateChanged(rollout, rollout.Step + 1, state, reason)] },
        };
    }

    /// <summary>The watermark moves on, and passed waves are counted again: a device that was away is counted where it belongs.</summary>
    public static RolloutRecord Observe(RolloutRecord rollout, RolloutFacts facts, RolloutOptions options) => rollout with
    {
        Watermark = facts.Watermark,
        Waves = [.. rollout.Waves.Select(w => w.State is WaveState.Scheduled || !(Follows(rollout, w) || w == rollout.Current) ? w : Counted(w, Tally(rollout, w, facts, options).AtDeadline()))],
    };

    // Once the canary has moved on to the active slot, its shadow wave is history and keeps its counts.
    private static bool Follows(RolloutRecord rollout, Wave wave) => wave is { State: WaveState.Passed, Mode: WaveMode.Active } && !rollout.Ended;

    private static RolloutRecord Begin(RolloutRecord rollout, Wave wave, RolloutFacts facts)
    {
        string[] devices = [.. wave.Devices.Where(d => rollout.Touch(d)?.Quarantine is null)];
        var touched = devices.Select(d => new TouchedDevice(d, wave.Mode, rollout.Touch(d) is { } before ? before.Before : facts.Fleet.GetValueOrDefault(d)?.Desired, Epoch: 0, Quarantine: null)).ToList();
        var started = wave with { State = WaveState.Running, Devices = devices, StartedAt = facts.Watermark };
        return rollout.With(started) with
        {
            Step = rollout.Step + 1,
            Touched = Merge(rollout.Touched, touched),
            Reason = $"wave {wave.Number} of {rollout.Waves.Length} started on {devices.Length} devices",
            Owed = new()
            {
                Assign = [.. touched.Select(t => new DeviceOrder(t.Device, Give(rollout, t)))],
                Events = [RolloutEvents.WaveStarted(rollout, started)],
            },
        };
    }

    private static RolloutRecord Pass(RolloutRecord rollout, Wave wave, WaveTally tally, RolloutFacts facts, string reason)
    {
        var decided = Decided(wave, WaveState.Passed, tally, facts);
        var quarantined = tally.FailedDevices.Zip(tally.FailureReasons)
            .Select(f => rollout.Touch(f.First)! with { Quarantine = f.Second }).Where(q => rollout.Touch(q.Device)!.Quarantine is null).ToList();
        var passed = rollout.With(decided) with
        {
            Step = rollout.Step + 1,
            Touched = Merge(rollout.Touched, quarantined),
            Reason = $"wave {wave.Number} of {rollout.Waves.Length} passed: {reason}",
        };
        var work = new RolloutWork
        {
            // A device that had a model goes back to asking for it; one that had none keeps its refusal in view.
            Assign = [.. quarantined.Where(q => q.Before?.Active is not null).Select(GiveBack)],
            Events = [RolloutEvents.WaveDecided(rollout, decided, reason, tally)],
        };
        if (passed.Current is not null)
        {
            return passed with { Owed = work };
        }

        var state = RolloutTable.Next(rollout.State, RolloutEvent.LastWavePassed) ?? throw Refused(rollout, "finish");
        var done = $"all {rollout.Waves.Length} waves passed";
        return passed with
        {
            State = state,
            Reason = done,
            EndedAt = facts.Watermark,
            Owed = work with
            {
                Aliases =
                [
                    new(Aliases.Champion, rollout.Target.Version, $"rollout {rollout.Id} finished: {done}"),
                    new(Aliases.Challenger, null, $"rollout {rollout.Id} finished", OnlyFrom: rollout.Target.Version),
                ],
                Events = [.. work.Events, RolloutEvents.StateChanged(rollout, passed.Step, state, done)],
                Release = true,
            },
        };
    }

    private static RolloutRecord Fail(RolloutRecord rollout, Wave wave, WaveTally tally, RolloutFacts facts, string reason)
    {
        var decided = Decided(wave, WaveState.Failed, tally, facts);
        return Abort(
            rollout.With(decided), RolloutEvent.WaveFailed, $"wave {wave.Number} of {rollout.Waves.Length} failed: {reason}",
            new() { Events = [RolloutEvents.WaveDecided(rollout, decided, reason, tally)] });
    }

    private static Wave Decided(Wave wave, WaveState state, WaveTally tally, RolloutFacts facts) => Counted(wave, tally.AtDeadline()) with
    {
        State = state,
        EndedAt = facts.Watermark,
        Evidence = [.. facts.Gates.Select(g => new GateEvidence(g.Gate, g.Verdict is GateVerdict.Passed or GateVerdict.NotCounted, g.Detail))],
    };

    private static Wave Counted(Wave wave, WaveTally tally) => wave with { Succeeded = tally.Succeeded, Failed = tally.Failed, Unknown = tally.Unknown };

    private static WaveTally Tally(RolloutRecord rollout, Wave wave, RolloutFacts facts, RolloutOptions options) => WaveTally.Of(wave.Devices.Select(device => (
        device,
        rollout.Touch(device) is { } touched
            ? DeviceOutcome.Of(touched, facts.Fleet.GetValueOrDefault(device), rollout.Plan.Model, rollout.Plan.Version, facts.Heard, options.SilentAfter(rollout.SampleInterval))
            : new DeviceOutcome(DeviceStanding.Settling, "not assigned yet"))));

    private static Assignment Give(RolloutRecord rollout, TouchedDevice device) => device.Mode == WaveMode.Shadow
        ? new(device.Before?.Active ?? rollout.Champion, rollout.Target, rollout.Id)
        : new(rollout.Target, rollout.Plan.KeepPreviousAsShadow ? rollout.Champion : null, rollout.Id);

    private static DeviceOrder GiveBack(TouchedDevice device) => new(device.Device, device.Before ?? new Assignment(null, null, null));

    private static TouchedDevice[] Merge(IEnumerable<TouchedDevice> old, IReadOnlyCollection<TouchedDevice> newer) =>
        [.. old.Where(o => newer.All(n => n.Device != o.Device)).Concat(newer).OrderBy(t => t.Device, StringComparer.Ordinal)];

    private static InvalidRolloutException Refused(RolloutRecord rollout, string verb) =>
        new($"rollout {rollout.Id} is {RolloutEvents.Word(rollout.State)}; it cannot {verb}");
}
