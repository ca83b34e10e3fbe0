using System.Globalization;
using System.Text.Json;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Host.Reporting;
using Spectre.Console;

namespace MlOps.Edge.Host.Demo;

/// <summary>Tells what happens while it happens, in plain words: one line an event, and how far the plant is.</summary>
internal sealed class Story(IEventLog log, DemoOptions options)
{
    private const int LinesOfProgress = 20;
    private const int WidthOfAFile = 140;

    private long _position;
    private (string Phase, long Step) _told;
    private VirtualCalendar? _calendar;

    public void Open(CloudSettings settings)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfAFile;
        }

        AnsiConsole.MarkupLineInterpolated($"[bold]The loop, once round[/]: {options.Devices} devices, {(options.Data is null ? "the built-in plant simulator" : options.Data)}, change {options.Change}, seed {options.Seed}.");
        AnsiConsole.MarkupLineInterpolated($"[grey]One silo with SQLite under {options.DataFolder}, MQTT on 127.0.0.1:{settings.MqttPort}, REST on {settings.Api}; the plant with its agents is a process of its own.[/]");
    }

    public async Task GoOnAsync(PlantProgress progress, CancellationToken cancellationToken)
    {
        await EventsAsync(cancellationToken);
        var step = progress.Done * LinesOfProgress / Math.Max(1, progress.Of);
        if (_told != (progress.Phase, step))
        {
            _told = (progress.Phase, step);
            var what = progress.Phase == "history" ? "recorded lives imported" : "cycles lived";
            AnsiConsole.MarkupLineInterpolated($"[grey]{Bar(progress)} {progress.Done} of {progress.Of} {what}[/]");
        }
    }

    public Task EndAsync(CancellationToken cancellationToken) => EventsAsync(cancellationToken);

    private static string Bar(PlantProgress progress)
    {
        var full = (int)(progress.Done * LinesOfProgress / Math.Max(1, progress.Of));
        return new string('█', full) + new string('░', LinesOfProgress - full);
    }

    private async Task EventsAsync(CancellationToken cancellationToken)
    {
        _calendar ??= PlantTruth.ReadPlan(options.PlantFolder).Calendar;
        while (await log.ReadAsync(_position, null, 200, cancellationToken) is { Count: > 0 } events)
        {
            foreach (var entry in events)
            {
                _position = entry.Position;
                using var data = JsonDocument.Parse(entry.Data);
                if (Sentence(entry, data.RootElement) is { } sentence)
                {
                    AnsiConsole.MarkupLineInterpolated($"[blue]cycle {Math.Max(0, _calendar.CycleOf(entry.At)),4}[/]  {sentence}");
                }
            }
        }
    }

    private static string? Sentence(LoggedEvent entry, JsonElement data) => entry.Kind switch
    {
        EventKinds.SnapshotTaken => Text($"a dataset snapshot is taken: {data.GetProperty("units")} units, {data.GetProperty("failed")} of them with a recorded failure"),
        EventKinds.TrainingStarted => Text($"training starts: {data.GetProperty("because")}"),
        EventKinds.TrainingFinished => Text($"trained with {data.GetProperty("trainer")} on {data.GetProperty("rows")} windows; RMSE on held-out units {data.GetProperty("metrics").GetProperty("judged_rmse").GetDouble():F1} cycles"),
        EventKinds.TrainingFailed => Text($"training failed: {data.GetProperty("error")}"),
        EventKinds.GateDecided => Text($"the gate {(data.GetProperty("blessed").GetBoolean() ? "blesses it" : "keeps it out")}: {Findings(data)}"),
        EventKinds.VersionRegistered => Text($"version {data.GetProperty("version")} is registered and signed ({data.GetProperty("size").GetInt64() / 1024} KiB, {data.GetProperty("digest").GetString()![..12]}…)"),
        EventKinds.WaveStarted => Text($"version {data.GetProperty("version")}, wave {data.GetProperty("wave")} ({data.GetProperty("mode")}) goes to {data.GetProperty("devices").GetArrayLength()} devices"),
        EventKinds.WaveDecided => Text($"version {data.GetProperty("version")}, wave {data.GetProperty("wave")} {(data.GetProperty("passed").GetBoolean() ? "passes" : "fails")}: {data.GetProperty("succeeded")} succeeded, {data.GetProperty("failed")} failed, {data.GetProperty("unknown")} unknown{Failures(data)}"),
        EventKinds.RolloutStateChanged => Text($"the rollout of version {data.GetProperty("version")} is {data.GetProperty("to")}: {data.GetProperty("reason")}"),
        EventKinds.DriftVerdict when data.GetProperty("verdict").GetString() is "drift" => Text($"DRIFT, cause {data.GetProperty("cause")}: {data.GetProperty("evidence")}"),
        EventKinds.LifecycleStateChanged when data.GetProperty("from").GetString() != "training" => Text($"the loop is {data.GetProperty("to")}: {data.GetProperty("reason")}"),
        _ => null,
    };

    // Blessed: how it compares. Kept out: what it failed on.
    private static string Findings(JsonElement data)
    {
        var blessed = data.GetProperty("blessed").GetBoolean();
        return string.Join("; ", data.GetProperty("gate").EnumerateArray().Where(row => row.GetProperty("passed").GetBoolean() == blessed).Select(row => row.GetProperty("rule").GetString()).Take(3));
    }

    private static string Failures(JsonElement data) =>
        string.Concat(data.GetProperty("failures").EnumerateArray().Take(2).Select(f => Text($"; {f.GetProperty("device")}: {f.GetProperty("reason")}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
