using System.Text.Json.Nodes;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>What the log says of a run.</summary>
internal static class RunEvents
{
    public static JsonObject Started(TrainingOrder order) => new()
    {
        ["because"] = order.Because,
        ["champion"] = order.Champion,
        ["trainer"] = order.Trainer,
        ["seed"] = order.Seed,
        ["since"] = order.Since,
    };

    public static JsonObject Finished(TrainingRunView view) => new()
    {
        ["snapshot"] = view.Snapshot,
        ["trainer"] = view.Trainer,
        ["rows"] = view.Rows,
        ["units"] = new JsonObject { ["train"] = Strings(view.TrainUnits), ["calibrate"] = Strings(view.CalibrateUnits), ["judge"] = Strings(view.JudgeUnits) },
        ["onnx"] = view.Onnx,
        ["metrics"] = new JsonObject(view.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
    };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)JsonValue.Create(v))]);

    public static JsonObject Failed(TrainingRunView view) => new() { ["step"] = view.Step, ["error"] = view.Error };

    public static JsonObject Gate(TrainingRunView view) => new()
    {
        ["blessed"] = view.Blessed,
        ["reason"] = view.Reason,
        ["champion"] = view.Order.Champion,
        ["gate"] = new JsonArray([.. view.Gate.Select(row => new JsonObject
        {
            ["slice"] = row.Slice,
            ["measure"] = row.Measure,
            ["challenger"] = row.Challenger,
            ["champion"] = row.Champion,
            ["units"] = row.Units,
            ["rule"] = row.Rule,
            ["passed"] = row.Passed,
        })]),
    };
}
