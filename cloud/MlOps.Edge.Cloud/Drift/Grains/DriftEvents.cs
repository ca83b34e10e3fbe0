using System.Globalization;
using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>What the log says of drift: changes only.</summary>
internal static class DriftEvents
{
    /// <param name="changes">Changes told so far.</param>
    public static IReadOnlyList<UntoldEvent> Changes(DriftStatus before, DriftStatus now, int changes)
    {
        var events = new List<UntoldEvent>();
        void Tell(string scope, DriftVerdictView verdict) => events.Add(UntoldEvent.Of(
            $"drift/{now.Model}/{changes + events.Count + 1}", now.Watermark!.Value, $"model/{now.Model}", EventKinds.DriftVerdict, Data(now, scope, verdict)));

        if (before.Fleet.Verdict != now.Fleet.Verdict)
        {
            Tell("fleet", now.Fleet);
        }

        foreach (var device in now.Devices.Where(d => !before.Devices.Any(b => Same(b, d))))
        {
            Tell("device", device);
        }

        foreach (var healed in before.Devices.Where(b => now.Devices.All(d => d.Devices[0] != b.Devices[0])))
        {
            Tell("device", healed with { Verdict = DriftVerdictKind.NoDrift, Cause = DriftCause.None, Detector = null, Evidence = "its sensors look like any other's again" });
        }

        return events;
    }

    /// <summary>The scores of one look, each channel's highest over its detectors. A subject of its own: a model's history is for people.</summary>
    public static UntoldEvent Looked(DriftStatus now) => UntoldEvent.Of(
        string.Create(CultureInfo.InvariantCulture, $"drift/{now.Model}/looked/{now.Version}/{now.Watermark!.Value.UtcTicks}"), now.Watermark!.Value, $"drift/{now.Model}", EventKinds.DriftScored, new()
        {
            ["version"] = now.Version,
            ["scores"] = new JsonObject(now.Channels.GroupBy(c => c.Channel, StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => KeyValuePair.Create(c.Key, (JsonNode?)Math.Round(c.Max(s => s.Score / s.Threshold), 4)))),
        });

    public static UntoldEvent Scored(string model, UnitScoreView score, DateTimeOffset watermark) => UntoldEvent.Of(
        $"drift/{model}/scored/{score.Unit}/{score.Version}", watermark, $"model/{model}", EventKinds.UnitScored, new()
        {
            ["unit"] = score.Unit,
            ["device"] = score.Device,
            ["version"] = score.Version,
            ["endedAt"] = score.EndedAt,
            ["lifetime"] = score.Lifetime,
            ["windows"] = score.Windows,
            ["rmse"] = Math.Sqrt(score.SumSquaredError / score.Windows),
            ["coverage"] = (double)score.Covered / score.Windows,
            ["meanWidth"] = score.SumWidth / score.Windows,
        });

    private static bool Same(DriftVerdictView a, DriftVerdictView b) => a.Devices[0] == b.Devices[0] && a.Channels.SequenceEqual(b.Channels);

    private static JsonObject Data(DriftStatus status, string scope, DriftVerdictView verdict) => new()
    {
        ["version"] = status.Version,
        ["scope"] = scope,
        ["verdict"] = Word(verdict.Verdict),
        ["cause"] = verdict.Cause.ToString().ToLowerInvariant(),
        ["detector"] = verdict.Detector,
        ["channels"] = new JsonArray([.. verdict.Channels.Select(c => (JsonNode)c)]),
        ["devices"] = new JsonArray([.. verdict.Devices.Select(d => (JsonNode)d)]),
        ["evidence"] = verdict.Evidence,
        ["falseAlarmBudget"] = status.FalseAlarmBudget,
        ["horizonDeviceCycles"] = status.HorizonDeviceCycles,
    };

    private static string Word(DriftVerdictKind verdict) => verdict switch
    {
        DriftVerdictKind.NoDrift => "no-drift",
        DriftVerdictKind.PossibleDrift => "possible-drift",
        DriftVerdictKind.Drift => "drift",
        _ => "insufficient-data",
    };
}
