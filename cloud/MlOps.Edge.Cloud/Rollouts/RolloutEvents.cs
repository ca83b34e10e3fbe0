using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>The story of a rollout as events. An id names the step, so that a step done twice is told once.</summary>
internal static class RolloutEvents
{
    public static EventOrder Started(RolloutRecord rollout) => Order(rollout, "started", EventKinds.RolloutStarted, new()
    {
        ["model"] = rollout.Plan.Model,
        ["version"] = rollout.Plan.Version,
        ["previous"] = rollout.Champion?.Version,
        ["because"] = rollout.Plan.Because,
        ["waves"] = new JsonArray([.. rollout.Waves.Select(w => (JsonNode)new JsonObject { ["mode"] = Word(w.Mode), ["size"] = w.Devices.Length })]),
    });

    public static EventOrder StateChanged(RolloutRecord rollout, int step, RolloutState to, string reason) =>
        Order(rollout, string.Create(CultureInfo.InvariantCulture, $"step-{step}"), EventKinds.RolloutStateChanged, new()
        {
            ["model"] = rollout.Plan.Model,
            ["version"] = rollout.Plan.Version,
            ["from"] = Word(rollout.State),
            ["to"] = Word(to),
            ["reason"] = reason,
        });

    public static EventOrder WaveStarted(RolloutRecord rollout, Wave wave) => Order(rollout, WaveId(wave, "started"), EventKinds.WaveStarted, new()
    {
        ["model"] = rollout.Plan.Model,
        ["version"] = rollout.Plan.Version,
        ["wave"] = wave.Number,
        ["mode"] = Word(wave.Mode),
        ["devices"] = Strings(wave.Devices),
    });

    public static EventOrder WaveDecided(RolloutRecord rollout, Wave wave, string reason, WaveTally tally) => Order(rollout, WaveId(wave, "decided"), EventKinds.WaveDecided, new()
    {
        ["model"] = rollout.Plan.Model,
        ["version"] = rollout.Plan.Version,
        ["wave"] = wave.Number,
        ["mode"] = Word(wave.Mode),
        ["size"] = wave.Devices.Length,
        ["succeeded"] = wave.Succeeded,
        ["failed"] = wave.Failed,
        ["unknown"] = wave.Unknown,
        ["passed"] = wave.State == WaveState.Passed,
        ["reason"] = reason,
        ["failures"] = new JsonArray([.. tally.FailedDevices.Zip(tally.FailureReasons, (device, why) => (JsonNode)new JsonObject { ["device"] = device, ["reason"] = why })]),
        ["evidence"] = new JsonArray([.. wave.Evidence.Select(e => (JsonNode)new JsonObject { ["gate"] = e.Gate, ["passed"] = e.Passed, ["detail"] = e.Detail })]),
    });

    public static string Subject(string rollout) => $"rollout/{rollout}";

    /// <summary>A state as it is written everywhere: <c>waiting-for-approval</c>.</summary>
    public static string Word<T>(T state)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());

    private static string WaveId(Wave wave, string what) => string.Create(CultureInfo.InvariantCulture, $"wave-{wave.Number}/{what}");

    private static EventOrder Order(RolloutRecord rollout, string id, string kind, JsonObject data) => new($"{Subject(rollout.Id)}/{id}", kind, data.ToJsonString());

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)JsonValue.Create(v))]);
}
