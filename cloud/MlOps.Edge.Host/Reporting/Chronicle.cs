using System.Text.Json;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Host.Reporting;

/// <summary>What the rooms decided, read from the event log.</summary>
internal sealed class Chronicle(IReadOnlyList<LoggedEvent> events, VirtualCalendar calendar)
{
    public static async Task<Chronicle> ReadAsync(IEventLog log, VirtualCalendar calendar, CancellationToken cancellationToken)
    {
        var events = new List<LoggedEvent>();
        while (await log.ReadAsync(events.Count == 0 ? 0 : events[^1].Position, null, 1_000, cancellationToken) is { Count: > 0 } page)
        {
            events.AddRange(page);
        }

        return new(events, calendar);
    }

    public string Definition => Of(EventKinds.ModelDefined).First().Data.GetProperty("definition").GetRawText();

    public IReadOnlyList<TrainingTale> Trainings =>
    [
        .. Of(EventKinds.TrainingStarted).Select(started =>
        {
            var run = RunOf(started.Event);
            TrainingTale tale = new(run, started.Cycle) { TookEffect = TookEffect(run) };
            return Of(EventKinds.TrainingFinished).FirstOrDefault(e => RunOf(e.Event) == run) is { Event: not null } finished
                ? tale with { Result = Result(run, finished.Data) }
                : tale;
        }),
    ];

    public IReadOnlyList<RolloutFigures> Rollouts =>
    [
        .. Of(EventKinds.RolloutStarted).Select(started =>
        {
            var changes = Of(EventKinds.RolloutStateChanged, started.Event.Subject).ToList();
            var (outcome, reason) = changes.Count == 0 ? ("running", "") : (changes[^1].Data.GetProperty("to").GetString()!, changes[^1].Data.GetProperty("reason").GetString()!);
            return new RolloutFigures(started.Event.Subject["rollout/".Length..], started.Data.GetProperty("version").GetInt32(), [.. Waves(started)], outcome, reason);
        }),
    ];

    public IReadOnlyList<DriftFigures> Drift =>
    [
        .. Of(EventKinds.DriftVerdict).Select(e => new DriftFigures(
            e.Cycle, e.Data.GetProperty("version").GetInt32(), Text(e.Data, "verdict"), Text(e.Data, "cause"), Strings(e.Data, "channels"), Strings(e.Data, "devices"), Text(e.Data, "detector"), Text(e.Data, "evidence"))),
    ];

    public IReadOnlyList<DriftScore> Scores =>
        [.. Of(EventKinds.DriftScored).SelectMany(e => e.Data.GetProperty("scores").EnumerateObject().Select(s => new DriftScore(e.Cycle, s.Name, s.Value.GetDouble())))];

    public double FalseAlarmBudget => Of(EventKinds.DriftVerdict).Select(e => e.Data.GetProperty("falseAlarmBudget").GetDouble()).LastOrDefault(b => b > 0);

    public long FalseAlarmHorizonDeviceCycles => Of(EventKinds.DriftVerdict).Select(e => e.Data.GetProperty("horizonDeviceCycles").GetInt64()).LastOrDefault(h => h > 0);

    public CohortLifetimes? CohortOf(string run) => Of(EventKinds.SnapshotTaken).Where(e => Text(e.Data, "run") == run).Select(e => new CohortLifetimes(
        e.Data.GetProperty("failed").GetInt32(), Number(e.Data, "meanLifetimeFailed"), e.Data.GetProperty("running").GetInt32(), Number(e.Data, "meanAgeRunning"))).FirstOrDefault();

    private IEnumerable<(LoggedEvent Event, long Cycle, JsonElement Data)> Of(string kind, string? subject = null) =>
        events.Where(e => e.Kind == kind && (subject is null || e.Subject == subject)).Select(e => (e, calendar.CycleOf(e.At), Parse(e.Data)));

    private IEnumerable<WaveFigures> Waves((LoggedEvent Event, long Cycle, JsonElement Data) rollout)
    {
        var planned = rollout.Data.GetProperty("waves").EnumerateArray().ToList();
        for (var number = 1; number <= planned.Count; number++)
        {
            var started = Of(EventKinds.WaveStarted, rollout.Event.Subject).FirstOrDefault(e => e.Data.GetProperty("wave").GetInt32() == number);
            var decided = Of(EventKinds.WaveDecided, rollout.Event.Subject).LastOrDefault(e => e.Data.GetProperty("wave").GetInt32() == number);
            int Count(string name) => decided.Event is null ? 0 : decided.Data.GetProperty(name).GetInt32();
            yield return new(
                Text(planned[number - 1], "mode"), planned[number - 1].GetProperty("size").GetInt32(), Count("succeeded"), Count("failed"), Count("unknown"),
                decided.Event is not null && decided.Data.GetProperty("passed").GetBoolean(), started.Event is null ? null : started.Cycle, decided.Event is null ? null : decided.Cycle);
        }
    }

    private TrainingResultTale Result(string run, JsonElement finished)
    {
        var gate = Of(EventKinds.GateDecided).First(e => RunOf(e.Event) == run).Data;
        var units = finished.GetProperty("units");
        return new()
        {
            Onnx = Text(finished, "onnx"),
            Trainer = Text(finished, "trainer"),
            Snapshot = Text(finished, "snapshot"),
            Rows = finished.GetProperty("rows").GetInt64(),
            JudgedRmse = finished.GetProperty("metrics").GetProperty("judged_rmse").GetDouble(),
            ChampionRmse = finished.GetProperty("metrics").TryGetProperty("champion_rmse", out var champion) ? champion.GetDouble() : null,
            Train = Strings(units, "train"),
            Calibrate = Strings(units, "calibrate"),
            Judge = Strings(units, "judge"),
            Blessed = gate.GetProperty("blessed").GetBoolean(),
            Reason = Text(gate, "reason"),
            Version = Of(EventKinds.VersionRegistered).Where(e => Text(e.Data, "run") == run).Select(e => (int?)e.Data.GetProperty("version").GetInt32()).FirstOrDefault(),
        };
    }

    // Lives go on while a model is trained: the run's result counts from the cycle in which the lifecycle moved on.
    private long? TookEffect(string run) => Of(EventKinds.LifecycleStateChanged)
        .Where(e => Text(e.Data, "from") == "training" && Text(e.Data, "run") == run).Select(e => (long?)e.Cycle).FirstOrDefault();

    // Events of a run carry its id as the second part of theirs: run/{id}/….
    private static string RunOf(LoggedEvent entry) => entry.Id.Split('/')[1];

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static string Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static double Number(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    private static IReadOnlyList<string> Strings(JsonElement data, string name) => [.. data.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
}

/// <summary>One training run, from its start to the cycle in which its result took effect.</summary>
internal sealed record TrainingTale(string Run, long StartedCycle)
{
    public long? TookEffect { get; init; }

    /// <summary>null: it failed, or the demo ended before it did.</summary>
    public TrainingResultTale? Result { get; init; }
}

internal sealed record TrainingResultTale
{
    public required string Onnx { get; init; }
    public required string Trainer { get; init; }
    public required string Snapshot { get; init; }
    public required long Rows { get; init; }
    public required double JudgedRmse { get; init; }
    public double? ChampionRmse { get; init; }
    public required IReadOnlyList<string> Train { get; init; }
    public required IReadOnlyList<string> Calibrate { get; init; }
    public required IReadOnlyList<string> Judge { get; init; }
    public required bool Blessed { get; init; }
    public required string Reason { get; init; }
    public int? Version { get; init; }
}
